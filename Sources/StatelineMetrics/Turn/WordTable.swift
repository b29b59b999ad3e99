/// A word of a few that a label may have.
protocol LabelWord: CaseIterable, Sendable {
    /// The place of the word among all of them.
    var index: Int { get }
}

/// A handler for each of a few words, found by its place: hashing a word costs more than counting it.
struct WordTable<Word: LabelWord, Handler: Sendable>: Sendable {
    private let handlers: [Handler]

    init(_ make: (Word) -> Handler) {
        handlers = Word.allCases.map(make)
    }

    /// The handler of a word.
    subscript(word: Word) -> Handler { handlers[word.index] }
}
