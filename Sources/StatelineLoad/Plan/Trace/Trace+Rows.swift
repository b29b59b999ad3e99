internal import NIOCore

extension Trace {
    /// The columns of a turn.
    private struct Columns {
        let session: Int
        let agent: Int?
        let request: Int
        let common: Int
        let answer: Int
        let modelTime: Int?
        let thinkTime: Int?
        let count: Int

        init(_ header: some BidirectionalCollection<UInt8>) throws(TraceError) {
            let names = Trace.fields(header)
            func column(_ name: String) throws(TraceError) -> Int {
                guard let index = names.firstIndex(of: name) else {
                    throw TraceError(line: 1, "the column \(name) is missing")
                }
                return index
            }
            session = try column("session")
            agent = names.firstIndex(of: "agent")
            request = try column("in_tok")
            common = try column("shared_tok")
            answer = try column("out_tok")
            modelTime = names.firstIndex(of: "api_s")
            thinkTime = names.firstIndex(of: "think_s")
            count = names.count
        }
    }

    /// Common tokens are counted in blocks of 64, so fewer than two blocks may be missing.
    private static let slack = 128

    static func readRows(
        _ lines: [ByteBufferView.SubSequence],
        agent: String?
    ) throws(TraceError) -> [Session] {
        guard let header = lines.first else { throw TraceError("the file is empty") }
        let columns = try Columns(header)
        var sessions: [TracedSession] = []
        var places: [String: Int] = [:]
        for (index, bytes) in lines.enumerated().dropFirst() where !bytes.isEmpty {
            let line = index + 1
            let fields = fields(bytes)
            guard fields.count == columns.count else {
                throw TraceError(line: line, "it has \(fields.count) fields, the first line has \(columns.count)")
            }
            let name = columns.agent.map { fields[$0] }
            if let agent, let name, name != agent { continue }
            let key = fields[columns.session] + "\n" + (name ?? "")
            let place = places[key] ?? sessions.count
            if place == sessions.count {
                sessions.append(TracedSession())
                places[key] = place
            }
            try sessions[place].add(turn(fields, columns, line), slack: slack, line: line)
        }
        return sessions.map { Session(arrival: nil, turns: $0.turns) }
    }

    private static func turn(_ fields: [String], _ columns: Columns, _ line: Int) throws(TraceError) -> PlannedTurn {
        let answer = try number(fields[columns.answer], "out_tok", line)
        var turn = PlannedTurn(
            requestTokens: try number(fields[columns.request], "in_tok", line),
            answerTokens: answer,
            keptTokens: answer
        )
        turn.tracedCommonTokens = try number(fields[columns.common], "shared_tok", line)
        if let column = columns.modelTime { turn.modelTime = try seconds(fields[column], "api_s", line) }
        if let column = columns.thinkTime { turn.start = .after(try seconds(fields[column], "think_s", line)) }
        return turn
    }

    private static func fields(_ line: some BidirectionalCollection<UInt8>) -> [String] {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func number(_ text: String, _ name: String, _ line: Int) throws(TraceError) -> Int {
        guard let number = Int(text), (0...limit).contains(number) else {
            throw TraceError(line: line, "\(name) is not a number of tokens")
        }
        return number
    }

    /// The maximum of any number of tokens: a request of this size has 256 MiB.
    static let limit = 1 << 26

    /// Reads a time; zero if the trace did not record it.
    private static func seconds(_ text: String, _ name: String, _ line: Int) throws(TraceError) -> Duration {
        if text.isEmpty { return .zero }
        guard let seconds = Double(text), seconds >= 0, seconds <= 1e9 else {
            throw TraceError(line: line, "\(name) is not a number of seconds")
        }
        return .seconds(seconds)
    }
}
