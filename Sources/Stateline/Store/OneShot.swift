internal import NIOConcurrencyHelpers

/// A value that one task waits for.
///
/// The first value given ends the wait; later ones are dropped. A value may be given before the task begins to wait.
/// Copies share the value.
package struct OneShot<Value: Sendable>: Sendable {
    private enum State {
        /// No value was given, and no task waits. Next: `waiting`, `given`.
        case empty
        /// A task waits. Next: `given`.
        case waiting(CheckedContinuation<Value, Never>)
        /// A value was given.
        case given(Value)
    }

    private let state = NIOLockedValueBox(State.empty)

    /// Makes a wait without a value.
    package init() {}

    /// Ends the wait with a value, unless another value came first.
    ///
    /// - Parameter value: The value.
    /// - Returns: `true` if this value ended the wait.
    @discardableResult
    package func give(_ value: Value) -> Bool {
        let (isFirst, continuation) = state.withLockedValue { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .given(value)
                return (true, nil)
            case .waiting(let continuation):
                state = .given(value)
                return (true, continuation)
            case .given:
                return (false, nil)
            }
        }
        continuation?.resume(returning: value)
        return isFirst
    }

    /// Waits for the value, whether the task is cancelled or not.
    ///
    /// - Returns: The value.
    /// - Precondition: No other task waits.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            let given: Value? = state.withLockedValue { state in
                switch state {
                case .empty:
                    state = .waiting(continuation)
                    return nil
                case .waiting:
                    preconditionFailure("only one task may wait for a value")
                case .given(let value):
                    return value
                }
            }
            if let given { continuation.resume(returning: given) }
        }
    }

    /// Waits for the value; a cancellation of the task gives one.
    ///
    /// - Parameter onCancel: Makes the value that a cancellation gives. It is called by the cancelling task, or at once
    ///   if the task is cancelled already, even if a value was given before.
    /// - Returns: The value.
    /// - Precondition: No other task waits.
    package func value(onCancel: @Sendable () -> Value) async -> Value {
        await withTaskCancellationHandler {
            await value()
        } onCancel: {
            give(onCancel())
        }
    }
}
