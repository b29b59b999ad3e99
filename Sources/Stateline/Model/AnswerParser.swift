public import NIOCore

/// A parser of one answer, whose bytes may come in any pieces.
public protocol AnswerParser: Sendable {
    /// A Boolean value that indicates whether the answer has ended, so that no byte after this one can change it.
    ///
    /// Some servers keep the connection open after the end of a stream. It stays `false` in formats whose end is the end
    /// of the body.
    var isComplete: Bool { get }

    /// A Boolean value that indicates whether the content of the answer has ended, such as by a finish reason.
    ///
    /// Later bytes can add no more than usage or the format's end mark. So ``finish()`` gives the whole answer, and the
    /// reader waits for further bytes for a short time only.
    var hasEnded: Bool { get }

    /// A Boolean value that indicates whether the bytes that came are a whole answer, though not the end of its body.
    ///
    /// It is asked for once, after the connection has failed.
    ///
    /// - Complexity: O(*n*) in the bytes of the answer.
    var isWhole: Bool { get }

    /// Takes the next bytes.
    ///
    /// - Returns: The parts of the answer that can be shown already.
    /// - Throws: ``ModelError`` if the bytes are not what the dialect allows.
    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart]

    /// Ends the answer.
    ///
    /// - Throws: ``ModelError`` if the bytes that came are not a whole answer.
    mutating func finish() throws(ModelError) -> Answer

    /// Returns the text so far of an answer that broke off.
    ///
    /// It holds all that the parts showed of text, refusal and reasoning, and no tool calls: a call that broke off cannot
    /// be run. Callers ask after ``append(_:)`` or ``finish()`` threw, or after the connection failed.
    ///
    /// - Returns: The answer, with ``FinishReason/incomplete`` as its reason; `nil` if no text came.
    /// - Throws: ``ModelError`` if the text cannot be made into entries.
    func partial() throws(ModelError) -> Answer?
}

extension AnswerParser {
    /// `false`: the answer ends with the body.
    public var isComplete: Bool { false }

    /// The value of ``isComplete``.
    public var hasEnded: Bool { isComplete }

    /// The value of ``hasEnded``.
    public var isWhole: Bool { hasEnded }

    /// Returns `nil`: nothing of an answer is known before its end.
    public func partial() throws(ModelError) -> Answer? { nil }
}
