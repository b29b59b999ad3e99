extension ContextView {
    /// Entries that stay together or go together.
    public struct Block: Hashable, Sendable {
        /// The content of a block.
        @nonexhaustive
        public enum Kind: Hashable, Sendable {
            /// An entry of instructions.
            case instructions
            /// A prompt.
            case prompt
            /// A summary in place of earlier entries.
            case compaction
            /// An answer without tool calls, with its reasoning.
            case answer
            /// An answer with tool calls: its reasoning, its text, its calls and their outputs.
            case toolCalls
        }

        /// The content.
        public let kind: Kind
        /// The places of the entries in ``ContextView/items``.
        public let range: Range<Int>
        /// `true` if each call of the block has an output.
        public let isComplete: Bool
        /// `true` if the block holds an entry of the turn that is under way, so that it has to stay.
        public let isOfTurn: Bool

        /// `true` if the block has the user's role.
        var isOfUser: Bool { kind == .prompt || kind == .compaction }
    }

    /// The blocks of the view, in order.
    ///
    /// - Complexity: O(*n*) in the number of entries.
    public var blocks: [Block] {
        var blocks: [Block] = []
        var index = 0
        while index < items.count {
            let start = index
            let kind: Block.Kind
            switch items[index].entry.content {
            case .instructions: (kind, index) = (.instructions, index + 1)
            case .prompt: (kind, index) = (.prompt, index + 1)
            case .compaction: (kind, index) = (.compaction, index + 1)
            case .reasoning, .toolCalls, .response, .toolOutput:
                while index < items.count, items[index].entry.isOfModel { index += 1 }
                while index < items.count, items[index].entry.isToolOutput { index += 1 }
                kind = items[start..<index].contains { $0.entry.isToolWork } ? .toolCalls : .answer
            }
            blocks.append(
                Block(
                    kind: kind,
                    range: start..<index,
                    isComplete: items[start..<index].openCalls.isEmpty,
                    isOfTurn: items[start..<index].contains(where: \.isOfTurn)
                )
            )
        }
        return blocks
    }

    /// Returns the tokens of a block.
    public func tokens(of block: Block) -> Int { items[block.range].reduce(0) { $0.adding($1.tokens) } }

    /// Returns the places in `blocks` at which turns begin: those of prompts that follow no other prompt.
    static func turnStarts(in blocks: [Block]) -> [Int] {
        var starts: [Int] = []
        var isAfterPrompt = false
        for (index, block) in blocks.enumerated() where block.kind != .instructions {
            if block.kind == .prompt, !isAfterPrompt { starts.append(index) }
            isAfterPrompt = block.isOfUser
        }
        return starts
    }
}

extension Collection<ContextView.Item> {
    /// The ids of calls that no entry of the collection has the output of.
    var openCalls: [ToolCall.ID] {
        var open: [ToolCall.ID] = []
        for item in self {
            switch item.entry.content {
            case .toolCalls(let calls): open += calls.map(\.id)
            case .toolOutput(let output):
                if let index = open.firstIndex(of: output.callID) { open.remove(at: index) }
            case .instructions, .prompt, .reasoning, .response, .compaction: break
            }
        }
        return open
    }
}

extension Entry {
    /// `true` for what a model writes.
    var isOfModel: Bool {
        switch content {
        case .reasoning, .toolCalls, .response: true
        case .instructions, .prompt, .toolOutput, .compaction: false
        }
    }

    /// `true` for calls of tools and their outputs.
    var isToolWork: Bool {
        switch content {
        case .toolCalls, .toolOutput: true
        case .instructions, .prompt, .reasoning, .response, .compaction: false
        }
    }
}
