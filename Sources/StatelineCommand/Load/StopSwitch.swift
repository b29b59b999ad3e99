internal import Foundation
internal import Synchronization
internal import UnixSignals

/// A switch that ends a run early, with its report, on Ctrl-C; a second Ctrl-C ends the process.
final class StopSwitch: Sendable {
    private struct State {
        var isPressed = false
        var continuation: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// `true` after the first press.
    var isPressed: Bool { state.withLock { $0.isPressed } }

    /// Makes the stream of a run, which yields once the switch is pressed.
    func presses() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            state.continuation = continuation
            if state.isPressed { continuation.yield() }
        }
        return stream
    }

    /// Runs a function while the process's signals press the switch.
    ///
    /// - Throws: The function's error.
    func whileListening(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { self.press() }
                // No signal comes any more; the end of the other task decides.
                try await Task.sleep(for: .seconds(1 << 30))
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func press() {
        let wasPressed = state.withLock { state in
            defer { state.isPressed = true }
            state.continuation?.yield()
            return state.isPressed
        }
        if wasPressed { exit(130) }
    }
}
