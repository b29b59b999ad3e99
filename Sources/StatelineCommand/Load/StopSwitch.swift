internal import Foundation
internal import Synchronization
internal import UnixSignals

/// Lets Ctrl-C end a run early, and with its report; a second one ends the process.
final class StopSwitch: Sendable {
    private struct State {
        var isPressed = false
        var continuation: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// Whether it was pressed.
    var isPressed: Bool { state.withLock { $0.isPressed } }

    /// Gives something once it is pressed; each run has one of its own.
    func presses() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            state.continuation = continuation
            if state.isPressed { continuation.yield() }
        }
        return stream
    }

    /// Runs something with the process's signals on the switch.
    ///
    /// - Throws: What it throws.
    func whileListening(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { self.press() }
                // Nothing more comes; the other task's end is what counts.
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
