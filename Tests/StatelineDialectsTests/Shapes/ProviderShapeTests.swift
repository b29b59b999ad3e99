import Stateline
import StatelineDialects
import Testing

/// The shapes in which known servers answer, each through a whole session.
@Suite struct ProviderShapeTests {
    private static let lengths = [Int.max, 1, 7]

    @Test func `there are sixty shapes and more, each with a name of its own`() {
        #expect(ProviderShape.all.count >= 60)
        #expect(Set(ProviderShape.all.map(\.testDescription)).count == ProviderShape.all.count)
    }

    @Test(arguments: ProviderShape.all)
    func `the text that is shown is kept, and sent with the next turn`(shape: ProviderShape) async throws {
        for profile in [ServerProfile.lenient, shape.preset, .strict] {
            let isStrict = profile.reading == .strict
            for length in Self.lengths {
                if isStrict, let code = shape.strict {
                    try await checkRefusal(shape, code: code, length: length)
                } else if let failure = shape.failure {
                    try await check(shape, failure, profile: profile, length: length)
                } else {
                    let calls = (isStrict ? shape.strictCalls : nil) ?? shape.calls
                    try await check(shape, calls, profile: profile, length: length)
                }
            }
        }
    }

    @Test(arguments: ProviderShape.all.filter { !$0.sent.isEmpty })
    func `the next turn sends what the profile says, and nothing else`(shape: ProviderShape) async throws {
        for sent in shape.sent {
            let turn = try await ShapeTurn(shape, profile: sent.profile, hasCalls: !shape.calls.isEmpty)
            #expect(turn.nextBody.contains(sent.text) == sent.isThere, "\(sent.text) in \(turn.nextBody)")
        }
    }

    /// Checks an answer.
    private func check(
        _ shape: ProviderShape,
        _ calls: [String],
        profile: ServerProfile,
        length: Int
    ) async throws {
        let turn = try await ShapeTurn(shape, profile: profile, inPiecesOf: length, hasCalls: !calls.isEmpty)
        let text = shape.text + (calls.isEmpty ? "" : "Done.")
        #expect(turn.error == nil)
        #expect(turn.keptText == text)
        #expect(turn.keptReasoning == shape.reasoning)
        #expect(turn.response?.finishReason == (calls.isEmpty ? shape.finishReason : .stop))
        #expect(turn.calls == calls)
        if shape.isStreamed {
            #expect(turn.shownText == text)
            #expect(turn.shownReasoning == shape.reasoning)
        } else {
            #expect(turn.response?.content == (calls.isEmpty ? text : "Done."))
        }
        // Some servers refuse an empty answer.
        let sent = try turn.sentText()
        #expect(sent == text || text.isEmpty && sent == "No answer was given.")
        let ids = try turn.sentIDs()
        #expect(ids.calls.count == calls.count && Set(ids.calls).count == calls.count)
        #expect(ids.outputs == ids.calls)
    }

    /// Checks an answer that is an error, under both policies.
    private func check(
        _ shape: ProviderShape,
        _ failure: ProviderShape.Failure,
        profile: ServerProfile,
        length: Int
    ) async throws {
        let discarding = try await ShapeTurn(shape, profile: profile, inPiecesOf: length, hasCalls: false)
        #expect(discarding.error?.code == failure.code)
        #expect("\(discarding.error.map { "\($0)" } ?? "")".contains(failure.words))
        #expect(discarding.entryCount == 0)

        let keeping = try await ShapeTurn(
            shape,
            profile: profile,
            inPiecesOf: length,
            policy: .keepIncomplete,
            hasCalls: false
        )
        guard let kept = failure.kept else {
            #expect(keeping.error?.code == failure.code)
            return
        }
        #expect(keeping.response?.finishReason == .incomplete)
        #expect(keeping.keptText == kept)
        #expect(keeping.shownText == (shape.isStreamed ? kept : ""))
        #expect(try keeping.sentText() == kept)
    }

    /// Checks that only the documented shapes are an answer to a strict reader.
    private func checkRefusal(_ shape: ProviderShape, code: String, length: Int) async throws {
        let turn = try await ShapeTurn(shape, profile: .strict, inPiecesOf: length, hasCalls: false)
        #expect(turn.error?.code == code)
        #expect(turn.entryCount == 0)
    }
}
