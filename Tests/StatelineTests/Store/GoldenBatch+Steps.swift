import NIOCore

@testable import Stateline

extension GoldenBatch {
    /// A batch of each event of a turn that is kept step by step.
    static let steps = [
        GoldenBatch("opened", .step, revision: 2) { batch in
            batch.entries = [Entry(.prompt([.text("Book it.")]))]
            batch.record = .opened(
                TurnRecord.Opening(
                    lease: lease,
                    input: .sha256(ByteBuffer(string: "input")),
                    retention: .seconds(24 * 3600)
                )
            )
        },
        GoldenBatch("stepped", .step, revision: 3) { batch in
            batch.entries = [Entry(.toolCalls([ToolCall(id: "call_1", name: "book", arguments: "{}")]))]
            batch.record = .stepped(inputs: 1)
        },
        GoldenBatch("steered", .step, revision: 4) { batch in
            batch.entries = [Entry(.prompt([.text("But cheaply.")]))]
            batch.record = .steered
        },
        GoldenBatch("waiting", .step, revision: 5) { batch in
            batch.record = .waiting([
                TurnRecord.Action(.approval, call: "call_1"), TurnRecord.Action(.clientTool, call: "call_2"),
                TurnRecord.Action(.externalEvent, call: "call_3"),
            ])
        },
        GoldenBatch("decided", .step, revision: 6) { batch in
            batch.entries = [Entry(.toolOutput(ToolOutput(callID: "call_2", name: "look", text: "seen")))]
            let decisions = [
                TurnRecord.Decision(call: "call_1", isApproved: true, principal: "ann"),
                TurnRecord.Decision(call: "call_2", isApproved: true),
                TurnRecord.Decision(call: "call_3", isApproved: false, principal: "ann", reason: "too dear"),
            ]
            batch.record = .decided(decisions, lease)
        },
        GoldenBatch("taken", .step, revision: 7) { $0.record = .taken(lease) },
        GoldenBatch("queued", .step, revision: 8) { $0.record = .queued(lease) },
        GoldenBatch("left", .step, revision: 9) { $0.record = .left },
        GoldenBatch("ended", .turn, revision: 10) { $0.record = .ended(TurnRecord.Ending(.committed, calls: 0)) },
        GoldenBatch("superseded", .step, revision: 11) { batch in
            batch.record = .ended(TurnRecord.Ending(.superseded(by: TurnID(rawValue: 7))))
        },
        GoldenBatch("failed", .turn, revision: 12) { batch in
            batch.record = .ended(TurnRecord.Ending(.failed("rate_limited")))
        },
    ]

    private static let lease = TurnLease(holder: TurnHolder(rawValue: 0xfedc << 112 | 1), term: .seconds(30))

    /// The open turn that a head names after such a batch.
    static func openTurn(after batch: Batch) -> Head.OpenTurn? {
        switch batch.record {
        case .waiting: Head.OpenTurn(turn: batch.turn, isWaiting: true)
        case .opened, .stepped, .steered, .decided, .taken: Head.OpenTurn(turn: batch.turn, isWaiting: false)
        case .ended, .queued, .left, nil: nil
        }
    }
}
