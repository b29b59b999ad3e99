internal import Foundation
internal import Stateline
internal import StatelineUpstream

/// The figures of a demo, compared with the upstream's.
struct DemoResult {
    /// An error: the upstream received other bytes than the session's trace says.
    struct Disagreement: Error, CustomStringConvertible {
        let description: String
    }

    let session: String
    private(set) var turns: [DemoTurn] = []
    private(set) var head: Head?
    private var disagreement: Disagreement?

    init(session: String) {
        self.session = session
    }

    /// Adds a turn and compares it with the upstream's own counts.
    mutating func add(_ turn: DemoTurn, _ trace: TurnTrace, head: Head, received report: UpstreamReport) {
        turns.append(turn)
        self.head = head
        let request = report.requests.last
        let totals = head.totals
        compare(turn, "bytes sent again", trace.sentAgainBytes, request?.sentAgainBytes)
        compare(turn, "new bytes", trace.newBytes, request?.newBytes)
        compare(
            turn,
            "tokens of the request",
            trace.crossings.last?.usage?.input.totalTokenCount,
            request?.promptTokens
        )
        compare(turn, "cached tokens", trace.crossings.last?.usage?.input.cachedTokenCount, request?.cachedTokens)
        compare(turn, "total requests", totals.crossings, report.requestCount)
        compare(turn, "total bytes sent again", totals.sentAgainBytes, report.sentAgainBytes)
        compare(turn, "total new bytes", totals.newBytes, report.newBytes)
    }

    private mutating func compare(_ turn: DemoTurn, _ figure: String, _ traced: Int?, _ received: Int?) {
        guard disagreement == nil, traced != received else { return }
        let (ours, theirs) = (traced.map(String.init) ?? "none", received.map(String.init) ?? "none")
        disagreement = Disagreement(
            description: "turn \(turn.turn), \(figure): the trace has \(ours), the upstream counted \(theirs)"
        )
    }

    /// Throws the first disagreement.
    func check() throws(Disagreement) {
        if let disagreement { throw disagreement }
    }

    /// `true` if the upstream counted the same, turn by turn and in total.
    var isConfirmed: Bool { disagreement == nil }

    /// One object, its keys in the order of the alphabet.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let object = Summary(
                session: session,
                turns: turns,
                amplification: head?.amplification ?? 1,
                revision: head?.revision.rawValue ?? 0,
                digest: head?.position.digest.description ?? ""
            )
            return String(decoding: try encoder.encode(object), as: UTF8.self)
        }
    }

    private struct Summary: Encodable {
        var session: String
        var turns: [DemoTurn]
        var amplification: Double
        var revision: UInt64
        var digest: String
    }
}
