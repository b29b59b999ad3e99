/// What a report says, whatever it is written as.
struct Section: Sendable {
    enum Block: Sendable {
        case paragraph(String)
        /// Something that has to be known before figures are believed.
        case warning(String)
        /// Names and what they are.
        case facts([(name: String, value: String)])
        /// A few figures that matter most, and what they are.
        case figures([(value: String, name: String)])
        case table(Table)
        case charts([Chart])
        case heading(String)
        /// Blocks side by side, where there is room.
        case columns([[Block]])
    }

    let title: String
    /// What stands above the title, small.
    var kicker = ""
    var blocks: [Block]
}
