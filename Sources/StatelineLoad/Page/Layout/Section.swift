/// A section of a report, independent of its format.
struct Section: Sendable {
    enum Block: Sendable {
        case paragraph(String)
        /// A warning to read before the figures.
        case warning(String)
        /// Names with their values.
        case facts([(name: String, value: String)])
        /// The most important figures with their names.
        case figures([(value: String, name: String)])
        case table(Table)
        case charts([Chart])
        case heading(String)
        /// Blocks side by side, if there is room.
        case columns([[Block]])
    }

    let title: String
    /// The small line above the title.
    var kicker = ""
    var blocks: [Block]
}
