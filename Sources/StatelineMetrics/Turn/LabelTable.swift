/// A value of a label that has few values.
protocol MetricLabel: CaseIterable, Sendable {
    /// The index of the value among all values.
    var index: Int { get }
}

/// A handler for each value of a label, found by its index: hashing the value would cost more than counting.
struct LabelTable<Label: MetricLabel, Handler: Sendable>: Sendable {
    private let handlers: [Handler]

    init(_ make: (Label) -> Handler) {
        handlers = Label.allCases.map(make)
    }

    /// The handler of a value.
    subscript(label: Label) -> Handler { handlers[label.index] }
}
