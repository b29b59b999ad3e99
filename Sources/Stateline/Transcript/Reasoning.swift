public import NIOCore

/// The model's thought before it answered.
public struct Reasoning: Hashable, Sendable, Codable {
    /// The thought, or the provider's summary of it; empty if the provider keeps it to itself.
    public let text: String
    /// The provider's proof that the thought is its own: opaque, and sent back as it came.
    public let signature: ByteBuffer?

    /// Makes a reasoning.
    public init(text: String, signature: ByteBuffer? = nil) {
        self.text = text
        self.signature = signature
    }
}
