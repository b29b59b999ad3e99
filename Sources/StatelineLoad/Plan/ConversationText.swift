internal import Stateline

/// The text of one session's history, generated from the session's number.
///
/// Two requests have in common exactly the text that a plan says. Each block of 64 tokens is a function of the session,
/// of its place, and of the number of rewrites before it. The first letter after a rewrite differs from the letter that
/// the history had there, so the common text ends exactly at the planned token.
struct ConversationText: Sendable {
    private struct Version: Sendable {
        /// The first token of the part.
        var start: Int
        /// The number of rewrites before the part.
        var number: Int

        /// The first letter of the part; the corpus has no capital letters.
        var mark: UInt8 { UInt8(ascii: "A") + UInt8(number % 26) }
    }

    private let session: UInt64
    private var versions = [Version(start: 0, number: 0)]

    /// Makes the text of a session.
    init(session: Int) {
        self.session = SplitMix64.mixed(UInt64(truncatingIfNeeded: session) &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// Replaces the text from a token on.
    mutating func rewrite(from token: Int) {
        var number = (versions.last?.number ?? 0) + 1
        while let last = versions.last, last.start >= token {
            if last.start == token, last.number % 26 == number % 26 { number += 1 }
            versions.removeLast()
        }
        versions.append(Version(start: token, number: number))
    }

    /// Returns tokens of the history as a string.
    ///
    /// - Complexity: O(*n*) in their number.
    func text(_ tokens: Range<Int>) -> String {
        String(decoding: bytes(tokens), as: UTF8.self)
    }

    /// Returns tokens of the history as bytes, four for each token.
    ///
    /// - Complexity: O(*n*) in their number.
    func bytes(_ tokens: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tokens.count * Corpus.tokenBytes)
        for (index, version) in versions.enumerated() {
            let end = index + 1 < versions.count ? versions[index + 1].start : .max
            let part = tokens.clamped(to: version.start..<max(version.start, end))
            append(part, of: version, to: &bytes)
        }
        return bytes
    }

    private func append(_ tokens: Range<Int>, of version: Version, to bytes: inout [UInt8]) {
        guard !tokens.isEmpty else { return }
        let mark = tokens.lowerBound == version.start ? bytes.count : nil
        var token = tokens.lowerBound
        while token < tokens.upperBound {
            let block = token / Corpus.blockTokens
            let start = block * Corpus.blockTokens
            let end = min(start + Corpus.blockTokens, tokens.upperBound)
            let name = SplitMix64.mixed(
                session &+ UInt64(block) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(version.number) << 40
            )
            bytes.append(contentsOf: Corpus.shared.block(name, token - start..<end - start))
            token = end
        }
        if let mark { bytes[mark] = version.mark }
    }
}
