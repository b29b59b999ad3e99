/// A strategy that shortens long outputs of tools: their beginning and their end stay.
public struct TrimToolOutputs: ContextStrategy {
    /// The bytes that an entry takes beyond the text of its output, with a note and ids of usual lengths.
    private static let noteLength = 256

    private let limit: Int
    private let keptCount: Int

    init(over tokens: Int, keepingLast count: Int) {
        precondition(tokens > 0, "an output needs at least one token")
        precondition(count >= 0, "a count cannot be negative")
        limit = tokens
        keptCount = count
    }

    /// The name with the settings.
    public var name: String { "trimToolOutputs(over: \(limit), keepingLast: \(keptCount))" }

    /// Plans a view with shorter outputs.
    public func plan(for view: ContextView) -> ContextPlan {
        let outputs = view.items.indices.filter { view.items[$0].entry.isToolOutput }.dropLast(keptCount)
        var pieces: [ContextPlan.Piece] = []
        var start = 0
        let bytes = Int(exactly: (Double(limit) * view.bytesPerToken).rounded(.down)) ?? .max / 2
        for index in outputs where view.items[index].tokens > limit {
            let entry = view.items[index].entry
            // The rest of an output that was shortened before is longer than the limit by the note.
            guard case .toolOutput(let output) = entry.content, entry.storedSizeEstimate > bytes + Self.noteLength
            else { continue }
            let trimmed = Entry(.toolOutput(trimmed(output, to: bytes)))
            guard trimmed.storedSizeEstimate < entry.storedSizeEstimate else { continue }
            if start < index { pieces.append(.kept(start..<index)) }
            pieces.append(.replaced(index, by: trimmed))
            start = index + 1
        }
        if start < view.items.count { pieces.append(.kept(start..<view.items.count)) }
        return ContextPlan(pieces)
    }

    private func trimmed(_ output: ToolOutput, to bytes: Int) -> ToolOutput {
        let text = output.parts.text
        let kept = text.shortened(to: bytes)
        let media = output.parts.reduce(0) { count, part in
            switch part {
            case .image, .file: count + 1
            case .text, .refusal, .json: count
            }
        }
        let note = media == 0 ? "" : "\n[\(media) pictures or files were left out]"
        return ToolOutput(callID: output.callID, name: output.name, text: kept + note, isError: output.isError)
    }
}

extension String {
    /// Returns the beginning and the end of the text, with a note in between, in about `limit` bytes of UTF-8.
    ///
    /// - Complexity: O(*n*) in the length.
    func shortened(to limit: Int) -> String {
        let count = utf8.count
        guard count > limit else { return self }
        let head = prefix(utf8: limit / 3 * 2)
        let tail = suffix(utf8: limit / 3)
        return "\(head)\n[\(count - head.utf8.count - tail.utf8.count) bytes were left out]\n\(tail)"
    }

    /// Returns the whole scalars within the first bytes.
    private func prefix(utf8 count: Int) -> Substring {
        var end = utf8.index(startIndex, offsetBy: count)
        while end > startIndex, !end.isScalarBoundary(in: self) { end = utf8.index(before: end) }
        return self[..<end]
    }

    /// Returns the whole scalars within the last bytes.
    private func suffix(utf8 count: Int) -> Substring {
        var start = utf8.index(endIndex, offsetBy: -count)
        while start < endIndex, !start.isScalarBoundary(in: self) { start = utf8.index(after: start) }
        return self[start...]
    }
}

extension String.Index {
    /// `true` if a scalar of the text begins here, or the text ends here.
    fileprivate func isScalarBoundary(in text: String) -> Bool { samePosition(in: text.unicodeScalars) != nil }
}

extension ContextStrategy where Self == TrimToolOutputs {
    /// Shortens outputs of tools.
    ///
    /// The beginning and the end of the text stay. Pictures and files of such an output are left out. Outputs of the turn
    /// under way are shortened for its calls only: the turn commits them whole.
    ///
    /// - Parameters:
    ///   - tokens: The tokens from which on an output is shortened, to about that size.
    ///   - count: The number of the newest outputs that stay whole.
    /// - Returns: The strategy.
    public static func trimToolOutputs(over tokens: Int, keepingLast count: Int = 0) -> TrimToolOutputs {
        TrimToolOutputs(over: tokens, keepingLast: count)
    }
}
