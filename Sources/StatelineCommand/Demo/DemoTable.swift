/// The demo's table: a row a turn, and sentences that say what the rows mean.
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
        Column(title: "again", width: 8) { Figures.bytes($0.resentBytes) },
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

    /// Writes what is shown, and the titles; 80 columns wide.
    func writeHeader() throws(Terminal.WriteFailure) {
        try terminal.writeParagraph(
            "Each turn calls a stateless model over HTTP: what was sent before (again) is sent again with what is new; "
                + "ampl is (again + new) / new so far. Beside it: round trips to the store, and times. Overhead is all "
                + "that is neither the model nor a tool.",
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

    /// Writes what the turns mean together.
    func writeSummary(of result: DemoResult) throws(Terminal.WriteFailure) {
        let turns = result.turns
        let (again, new) = (turns.reduce(0) { $0 + $1.resentBytes }, turns.reduce(0) { $0 + $1.newBytes })
        let trips = turns.reduce(0) { $0 + $1.storeRoundTrips }
        let written = turns.reduce(0) { $0 + $1.storeBytesWritten }
        let factor = Figures.factor(turns.last?.amplification ?? 1)
        let total = turns.reduce(.zero) { $0 + $1.total }
        let overhead = turns.reduce(.zero) { $0 + $1.overhead }
        try terminal.writeLine()
        try terminal.writeParagraph(
            "To say \(Figures.bytes(new)) that were new, \(Figures.count(turns.count, "turn")) sent "
                + "\(Figures.bytes(again + new)), \(factor) as much: the model keeps no state, so the session is sent "
                + "again. Keeping the state took \(Figures.time(overhead / turns.count)) a turn, "
                + "\(Figures.percent(overhead / total)) of the time, with \(Figures.count(trips, "store round trip")) "
                + "that wrote \(Figures.bytes(written)). \(Self.growth(turns))"
        )
        #if DEBUG
        try terminal.writeParagraph("This is a debug build: a release build takes a fraction of these times.", .dim)
        #endif
        guard result.isConfirmed else { return }
        try terminal.writeParagraph(
            "The upstream counted what it received for itself: \(Figures.count(turns.count, "request")), "
                + "\(Figures.bytes(again)) again and \(Figures.bytes(new)) new, the same in each turn as the session's "
                + "own trace."
        )
    }

    /// How the overhead of late turns compares with that of early ones: what the history costs.
    private static func growth(_ turns: [DemoTurn]) -> String {
        guard turns.count >= 4 else { return "" }
        let half = turns.count / 2
        let early = median(turns[..<half].map(\.overhead))
        let late = median(turns[half...].map(\.overhead))
        return "The median of the first \(half) turns is \(Figures.time(early)) of overhead, of the others "
            + "\(Figures.time(late))."
    }

    private static func median(_ times: [Duration]) -> Duration {
        times.sorted()[times.count / 2]
    }

    private static func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
