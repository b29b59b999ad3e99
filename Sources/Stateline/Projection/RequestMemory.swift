internal import NIOCore

/// A session's newest request, kept to find the bytes that the next one sends again.
struct RequestMemory: Sendable {
    /// The whole body.
    let body: GatherList
    /// The offset at which the body's transcript part ends.
    let transcriptEnd: Int
    /// The tools that it declared.
    let tools: ToolDeclaration
    /// The number of leading bytes that are known to be in the session still; a shorter view lowers it.
    private(set) var stableBytes: Int
    /// The content of the request, as far as all of it is still in the view.
    private(set) var sent: SentRequest

    init(body: GatherList, transcriptEnd: Int, tools: ToolDeclaration, sent: SentRequest) {
        self.body = body
        self.transcriptEnd = transcriptEnd
        self.tools = tools
        self.stableBytes = transcriptEnd
        self.sent = sent
    }

    /// `true` if the whole transcript part is still in the session.
    var isWhole: Bool { stableBytes == transcriptEnd }

    /// Records the number of the request's tokens that the provider counted; `nil` if it counted none.
    mutating func counted(_ tokens: Int?) {
        sent.tokens = tokens
    }

    /// Records that the session's view was cut, or a draft was dropped, so that only the first bytes are known to be
    /// the same.
    mutating func cut(toBytes bytes: Int) {
        stableBytes = min(stableBytes, bytes)
    }

    /// Counts the leading bytes that another body has in common with this one.
    ///
    /// - Complexity: O(*c*) in the number of chunks, and in the bytes in common after those known to be.
    func commonPrefix(with next: GatherList) -> Int {
        var mine = ByteCursor(body, at: stableBytes)
        var others = ByteCursor(next, at: stableBytes)
        var count = stableBytes
        while let a = mine.piece, let b = others.piece {
            let length = min(a.readableBytes, b.readableBytes)
            let equal = Self.commonPrefix(a.readableBytesUInt8Span, b.readableBytesUInt8Span, length)
            count += equal
            guard equal == length else { break }
            mine.advance(by: length)
            others.advance(by: length)
        }
        return count
    }

    private static func commonPrefix(_ a: Span<UInt8>, _ b: Span<UInt8>, _ length: Int) -> Int {
        var index = 0
        while index < length, a[index] == b[index] { index += 1 }
        return index
    }
}
