/// The demo's table: a row for each turn, and a summary.
struct DemoTable {
    private struct Column: Sendable {
        var title: String
        var width: Int
        var value: @Sendable (DemoTurn) -> String
    }

    private let terminal: Terminal

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    private static let columns = [
        Column(title: "turn", width: 4) { "\($0.turn)" },
        Column(title: "again", width: 8) { Figures.bytes($0.sentAgainBytes) },
        Column(title: "new", width: 8) { Figures.bytes($0.newBytes) },
        Column(title: "ampl", width: 6) { Figures.factor($0.amplification) },
        Column(title: "trips", width: 5) { "\($0.storeRoundTrips)" },
        Column(title: "load", width: 6) { Figures.time($0.load) },
        Column(title: "project", width: 7) { Figures.time($0.project) },
        Column(title: "model", width: 6) { Figures.time($0.model) },
        Column(title: "fold", width: 6) { Figures.time($0.fold) },
        Column(title: "commit", width: 6) { Figures.time($0.commit) },
        Column(title: "overhead", width: 8) { Figures.time($0.overhead) },
    ]

    /// Writes the legend and the titles, 80 columns wide.
    func writeHeader() throws(Terminal.WriteFailure) {
        try terminal.writeParagraph(
            "Each turn calls a stateless model over HTTP. Columns: bytes sent again, new bytes, replay amplification "
                + "(again + new) / new so far, round trips of the store, and times. Overhead is the time of the turn "
                + "without the model and its tools.",
            .dim
        )
        let line = Self.columns.map { Self.aligned($0.title, $0.width) }.joined(separator: " ")
        try terminal.writeLine(terminal.styled(line, .bold))
    }

    /// Writes a turn.
    func write(_ turn: DemoTurn) throws(Terminal.WriteFailure) {
        let cells = Self.columns.map { column in
            let cell = Self.aligned(column.value(turn), column.width)
            return column.title == "again" ? terminal.styled(cell, .warning) : cell
        }
        try terminal.writeLine(cells.joined(separator: " "))
    }

    /// Writes the summary of all turns.
    func writeSummary(of result: DemoResult) throws(Terminal.WriteFailure) {
        let turns = result.turns
        let (again, new) = (turns.reduce(0) { $0 + $1.sentAgainBytes }, turns.reduce(0) { $0 + $1.newBytes })
        let trips = turns.reduce(0) { $0 + $1.storeRoundTrips }
        let written = turns.reduce(0) { $0 + $1.storeBytesWritten }
        let factor = Figures.factor(turns.last?.amplification ?? 1)
        let total = turns.reduce(.zero) { $0 + $1.total }
        let overhead = turns.reduce(.zero) { $0 + $1.overhead }
        try terminal.writeLine()
        try terminal.writeParagraph(
            "\(Figures.count(turns.count, "turn")) with \(Figures.bytes(new)) of new content sent "
                + "\(Figures.bytes(again + new)), \(factor) as much: the model keeps no state, so the session is sent "
                + "again. Keeping the state took \(Figures.time(overhead / turns.count)) a turn, "
                + "\(Figures.percent(overhead / total)) of the time, with \(Figures.count(trips, "store round trip")) "
                + "that wrote \(Figures.bytes(written)). \(Self.growth(turns))"
        )
        #if DEBUG
        try terminal.writeParagraph("This is a debug build; a release build takes a fraction of these times.", .dim)
        #endif
        guard result.isConfirmed else { return }
        try terminal.writeParagraph(
            "The upstream's own counts agree with the session's trace in each turn: "
                + "\(Figures.count(turns.count, "request")), \(Figures.bytes(again)) again and \(Figures.bytes(new)) new."
        )
    }

    /// Compares the overhead of late turns with that of early ones, which shows the cost of the history.
    private static func growth(_ turns: [DemoTurn]) -> String {
        guard turns.count >= 4 else { return "" }
        let half = turns.count / 2
        let early = median(turns[..<half].map(\.overhead))
        let late = median(turns[half...].map(\.overhead))
        return
            "The median overhead is \(Figures.time(early)) in the first \(half) turns and \(Figures.time(late)) in the "
            + "others."
    }

    private static func median(_ times: [Duration]) -> Duration {
        times.sorted()[times.count / 2]
    }

    private static func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
