internal import Synchronization
internal import UnixSignals

/// Lets Ctrl-C end what runs now, and not the process.
struct Interrupts: Sendable {
    private let signals: UnixSignalsSequence
    private let listener: Listener

    /// Who is to be told of the next signal.
    private final class Listener: Sendable {
        let continuation = Mutex<AsyncStream<Void>.Continuation?>(nil)
    }

    /// Takes the signal from the process; from now on it ends nothing by itself.
    init() async {
        self.signals = await UnixSignalsSequence(trapping: .sigint)
        self.listener = Listener()
    }

    /// Passes signals on until the task is cancelled.
    ///
    /// One that comes while nothing runs is dropped.
    func run() async {
        for await _ in signals {
            _ = listener.continuation.withLock { $0?.yield() }
        }
    }

    /// Runs a function, and cancels it where a signal comes.
    ///
    /// - Throws: What the function throws.
    func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let (presses, continuation) = AsyncStream.makeStream(of: Void.self)
        listener.continuation.withLock { $0 = continuation }
        defer { listener.continuation.withLock { $0 = nil } }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await _ in presses { break }
                return false
            }
            while let hasEnded = try await group.next() {
                // A press cancels the function, and its end the waiting for a press.
                group.cancelAll()
                if hasEnded { return }
            }
        }
    }
}
