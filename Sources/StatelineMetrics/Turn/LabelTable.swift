/// A word of a few that a label may have.
protocol MetricLabel: CaseIterable, Sendable {
    /// The place of the word among all of them.
    var index: Int { get }
}

/// A handler for each of a few words, found by its place: hashing a word costs more than counting it.
struct LabelTable<Label: MetricLabel, Handler: Sendable>: Sendable {
    private let handlers: [Handler]

    init(_ make: (Label) -> Handler) {
        handlers = Label.allCases.map(make)
    }

    /// The handler of a word.
    subscript(label: Label) -> Handler { handlers[label.index] }
}
