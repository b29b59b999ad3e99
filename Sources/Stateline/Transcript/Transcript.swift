/// The entries that the model sees, in order: the active view of a session.
///
/// A transcript is a value: it never changes under its reader, and copying it costs O(1).
///
/// - Complexity: subscript O(log32 *n*).
public struct Transcript: Sendable {
    package private(set) var entries = PersistentList<Entry>()

    /// Makes an empty transcript.
    public init() {}

    /// Makes a transcript of some entries.
    public init(_ entries: some Sequence<Entry>) {
        self.entries = PersistentList(entries)
    }

    mutating func append(contentsOf newEntries: some Sequence<Entry>) {
        for entry in newEntries { entries.append(entry) }
    }

    mutating func truncate(to count: Int) {
        entries.truncate(to: count)
    }

    /// The instructions that the transcript begins with, before anything else.
    ///
    /// - Complexity: O(*k*) in their number.
    public var preamble: SubSequence {
        prefix { entry in if case .instructions = entry.content { true } else { false } }
    }

    /// The tool calls at the end of the transcript that have no output yet, in the model's order.
    ///
    /// - Complexity: O(*k*) in the number of calls of the last step.
    public var openToolCalls: [ToolCall] {
        var answered: Set<ToolCall.ID> = []
        for entry in entries.reversed() {
            switch entry.content {
            case .toolOutput(let output): answered.insert(output.callID)
            case .toolCalls(let calls): return calls.filter { !answered.contains($0.id) }
            case .instructions, .prompt, .reasoning, .response, .compaction: return []
            }
        }
        return []
    }
}

extension Transcript: RandomAccessCollection {
    /// The index of the first entry.
    public var startIndex: Int { 0 }
    /// The index after the last entry.
    public var endIndex: Int { entries.count }
    /// Accesses the entry at an index.
    public subscript(index: Int) -> Entry { entries[index] }
}

extension Transcript: Equatable {
    /// Returns `true` if two transcripts hold equal entries in the same order.
    public static func == (a: Transcript, b: Transcript) -> Bool { a.elementsEqual(b) }
}
