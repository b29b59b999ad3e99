internal import Foundation
internal import NIOCore

extension Trace {
    /// A line of a trace of Mooncake's form, with AIPerf's additions.
    ///
    /// Sources: https://github.com/kvcache-ai/Mooncake (`timestamp, input_length, output_length, hash_ids`), and AIPerf's
    /// for sessions of several turns (`session_id, delay`).
    private struct Line: Decodable {
        enum Name: Decodable, Hashable {
            case text(String)
            case number(Int)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }

        /// The session's id; a line without one is a session of its own.
        var session_id: Name?
        /// Milliseconds since the trace began.
        var timestamp: Double?
        /// Milliseconds since the end of the session's previous turn.
        var delay: Double?
        /// Tokens of the whole request.
        var input_length: Int
        /// Tokens of the answer.
        var output_length: Int
        /// A name for each block of 512 tokens of the request, equal if the whole prefix up to the block's end is
        /// equal.
        var hash_ids: [Int]?
    }

    private static let blockTokens = 512

    private struct Reading {
        var session = TracedSession()
        var hashes: [Int] = []
        var last: Duration?
    }

    static func readObjects(_ lines: [ByteBufferView.SubSequence]) throws(TraceError) -> [Session] {
        let decoder = JSONDecoder()
        var readings: [Reading] = []
        var places: [Line.Name: Int] = [:]
        for (index, bytes) in lines.enumerated() where bytes.contains(where: { $0 > UInt8(ascii: " ") }) {
            let number = index + 1
            let line: Line
            do { line = try decoder.decode(Line.self, from: Data(bytes)) } catch {
                throw TraceError(line: number, reason(error))
            }
            let place = line.session_id.flatMap { places[$0] } ?? readings.count
            if place == readings.count {
                readings.append(Reading())
                if let name = line.session_id { places[name] = place }
            }
            try add(line, to: &readings[place], number)
        }
        return readings.map { Session(arrival: $0.session.arrival, turns: $0.session.turns) }
    }

    private static func add(_ line: Line, to reading: inout Reading, _ number: Int) throws(TraceError) {
        for length in [line.input_length, line.output_length] where !(0...limit).contains(length) {
            throw TraceError(line: number, "input_length or output_length is not a number of tokens")
        }
        for time in [line.timestamp, line.delay] {
            guard let time else { continue }
            guard time >= 0, time <= 1e12 else { throw TraceError(line: number, "timestamp or delay is out of range") }
        }
        var turn = PlannedTurn(
            requestTokens: line.input_length,
            answerTokens: line.output_length,
            keptTokens: line.output_length
        )
        let before = reading.session.turns.last?.requestTokens ?? 0
        let hashes = line.hash_ids ?? []
        let common = zip(hashes, reading.hashes).prefix { $0 == $1 }.count * blockTokens
        // Without names of blocks, a request that is longer than the previous one continues it.
        let isNamed = line.hash_ids != nil
        turn.tracedCommonTokens = min(isNamed ? common : before, before, line.input_length)
        reading.hashes = hashes
        if let delay = line.delay {
            turn.start = .after(.milliseconds(delay))
        } else if let timestamp = line.timestamp.map({ Duration.milliseconds($0) }) {
            if let last = reading.last, timestamp < last {
                throw TraceError(line: number, "timestamp is earlier than that of the session's previous turn")
            }
            if reading.session.turns.isEmpty {
                reading.session.arrival = timestamp
            } else {
                turn.start = .at(timestamp)
            }
            reading.last = timestamp
        }
        // A block that was not full gets another name when it grows.
        try reading.session.add(turn, slack: blockTokens, line: number)
    }

    /// Describes an error of the decoder without the content of the line.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        default: "it is not a JSON object"
        }
    }
}
