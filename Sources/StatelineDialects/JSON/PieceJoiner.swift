internal import Stateline

/// The joining of a text's pieces, of which two may share a surrogate pair.
///
/// A lead surrogate at the end of a piece waits for the next piece that is not empty. If that begins with a trail
/// surrogate, the two are one character. Each half that finds no other becomes U+FFFD.
struct PieceJoiner: Sendable {
    private var lead: UInt16?

    /// `true` if half of a character waits for the next piece.
    var isWaiting: Bool { lead != nil }

    /// Takes the next piece.
    ///
    /// - Returns: The text to add at the end of what the pieces before have given.
    mutating func append(_ piece: JSONStringPiece) -> String {
        guard !piece.isEmpty else { return "" }
        guard lead != nil || piece.trail != nil || piece.lead != nil else { return piece.text }
        let start = joint(with: piece.trail)
        lead = piece.lead
        return start + piece.text
    }

    /// Returns the character of the waiting half and a piece's first half.
    private func joint(with trail: UInt16?) -> String {
        guard let lead, let trail else { return lead == nil && trail == nil ? "" : "\u{fffd}" }
        return String(JSONStringPiece.scalar(lead, trail))
    }

    /// Ends the text.
    ///
    /// - Returns: U+FFFD if a half waits; the empty text otherwise.
    mutating func finish() -> String {
        lead.take() == nil ? "" : "\u{fffd}"
    }
}
