public import NIOCore

/// A parser of one answer, whose bytes may come in any pieces.
public protocol AnswerParser: Sendable {
    /// A Boolean value that indicates whether the answer has ended, so that no byte after this one can change it.
    ///
    /// Some servers keep the connection open after the end of a stream. It stays `false` in formats whose end is the end
    /// of the body.
    var isComplete: Bool { get }

    /// Takes the next bytes.
    ///
    /// - Returns: The parts of the answer that can be shown already.
    /// - Throws: ``ModelError`` if the bytes are not what the dialect allows.
    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart]

    /// Ends the answer.
    ///
    /// - Throws: ``ModelError`` if the bytes that came are not a whole answer.
    mutating func finish() throws(ModelError) -> Answer
}

extension AnswerParser {
    /// `false`: the answer ends with the body.
    public var isComplete: Bool { false }
}
