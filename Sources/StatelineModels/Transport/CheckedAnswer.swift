internal import NIOCore
internal import Stateline
internal import Synchronization

/// The body of a successful answer, whose first bytes are checked.
final class CheckedAnswer: Sendable {
    private let body: AnswerReader
    private let firstBytes: Mutex<FirstBytes>

    /// Takes the body of an answer.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - type: The declared media type, in the form in which an error may show it; `nil` if there is none.
    init(_ body: AnswerReader, declared type: String?) {
        self.body = body
        self.firstBytes = Mutex(FirstBytes(declared: type))
    }

    /// Returns the next bytes, or `nil` at the end; one pull at a time.
    func next() async throws(ModelError) -> ByteBuffer? {
        let chunk = try await body.next()
        try firstBytes.withLock { (check) throws(ModelError) in
            if let chunk { try check.check(chunk) } else { try check.checkEnd() }
        }
        return chunk
    }

    /// Limits the time that is waited for what follows the answer's content.
    func contentEnded() {
        body.contentEnded()
    }

    /// Takes back the limit of ``contentEnded()``.
    func contentResumed() {
        body.contentResumed()
    }

    /// Waits for the end of the body, in a bounded time.
    func drain() async {
        await body.drain()
    }
}
