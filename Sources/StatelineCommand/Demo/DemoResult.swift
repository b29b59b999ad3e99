internal import Foundation
internal import Stateline
internal import StatelineUpstream

/// What a demo found.
struct DemoResult {
    /// The upstream received something else than the session says it sent.
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

    /// Takes a turn, and compares it with what the upstream counted for itself.
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
        compare(turn, "requests in all", totals.crossings, report.requestCount)
        compare(turn, "bytes sent again in all", totals.sentAgainBytes, report.sentAgainBytes)
        compare(turn, "new bytes in all", totals.newBytes, report.newBytes)
    }

    private mutating func compare(_ turn: DemoTurn, _ figure: String, _ traced: Int?, _ received: Int?) {
        guard disagreement == nil, traced != received else { return }
        let (ours, theirs) = (traced.map(String.init) ?? "none", received.map(String.init) ?? "none")
        disagreement = Disagreement(
            description: "turn \(turn.turn), \(figure): the trace says \(ours), the upstream counted \(theirs)"
        )
    }

    /// Throws the first figure that the upstream counted otherwise.
    func check() throws(Disagreement) {
        if let disagreement { throw disagreement }
    }

    /// Whether the upstream counted the same, turn by turn and in all.
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
