internal import Synchronization
internal import UnixSignals

/// A handler that cancels the running function, instead of the process, on Ctrl-C.
struct Interrupts: Sendable {
    private let signals: UnixSignalsSequence
    private let listener: Listener

    /// The receiver of the next signal.
    private final class Listener: Sendable {
        let continuation = Mutex<AsyncStream<Void>.Continuation?>(nil)
    }

    /// Traps the signal, which no longer ends the process.
    init() async {
        self.signals = await UnixSignalsSequence(trapping: .sigint)
        self.listener = Listener()
    }

    /// Forwards signals until the task is cancelled.
    ///
    /// A signal is dropped if no function runs.
    func run() async {
        for await _ in signals {
            _ = listener.continuation.withLock { $0?.yield() }
        }
    }

    /// Runs a function, and cancels it if a signal arrives.
    ///
    /// - Throws: The function's error.
    func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let (presses, continuation) = AsyncStream.makeStream(of: Void.self)
        listener.continuation.withLock { $0 = continuation }
        defer { listener.continuation.withLock { $0 = nil } }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in presses { break }
                return nil
            }
            while let ended = try await group.next() {
                // A press cancels the function; the end of the function cancels the wait for a press.
                group.cancelAll()
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }
}
