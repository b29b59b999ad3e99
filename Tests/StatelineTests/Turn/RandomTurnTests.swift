import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct RandomTurnTests {
    @Test(arguments: 0..<60)
    func `whatever is done to a turn, its calls are in the ledger once and the handle is free`(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let memory = MemoryStore()
        let store = FlakyStore(memory)
        let boundary = Boundary(
            store: store,
            cache: seed.isMultiple(of: 2) ? MemoryCache() : nil,
            concurrency: seed.isMultiple(of: 3) ? .enqueue(limit: 8) : .optimistic
        )
        var configuration = SessionConfiguration()
        configuration.commitTimeout = .milliseconds(20)
        let key = SessionKey("s")
        let a = try await boundary.session(key, model: LineModel([]), configuration: configuration)
        let b = try await boundary.session(key, model: LineModel([]), configuration: configuration)
        var calls = 0
        var answers = 0
        for _ in 0..<12 {
            let handle = Bool.random(using: &generator) ? a : b
            let choice = Int.random(in: 0..<4, using: &generator)
            store.failNoMore()
            switch choice {
            case 0: store.failNext(.notSent)
            case 1: store.failNext(.replyLost, .notSent)
            case 2: store.failNext(.refused(.full, .unknown), .lostUnnoticed)
            default: break
            }
            var draft: Draft?
            do {
                var turn = try await handle.checkout("q")
                var isCalling = false
                loop: for _ in 0..<Int.random(in: 0..<10, using: &generator) {
                    switch Int.random(in: 0..<9, using: &generator) {
                    case 0:
                        do {
                            try turn.start()
                            isCalling = true
                            calls += 1
                        } catch {}
                    case 1:
                        let wasCalling = isCalling
                        do {
                            try turn.append(ByteBuffer(string: "text:x\n"))
                            if !wasCalling {
                                calls += 1
                                isCalling = true
                            }
                        } catch {}
                    case 2:
                        let wasCalling = isCalling
                        do {
                            try turn.append(ByteBuffer(string: "garbage\n"))
                        } catch {
                            if case .model = error {
                                if !wasCalling { calls += 1 }
                                isCalling = false
                            }
                        }
                    case 3:
                        let wasCalling = isCalling
                        do {
                            try turn.append(Answer.text("w"))
                            if !wasCalling { calls += 1 }
                            isCalling = false
                        } catch {}
                    case 4:
                        let wasCalling = isCalling
                        let call = ToolCall(id: "c", name: "t", arguments: "{}")
                        do {
                            try turn.append(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls))
                            if !wasCalling { calls += 1 }
                            isCalling = false
                        } catch {}
                    case 5: try? turn.append([ToolOutput(callID: "c", name: "t", text: "o")])
                    case 6: _ = turn.request
                    case 7:
                        do { try turn.finishAnswer() } catch {
                            if case .model = error { isCalling = false }
                        }
                    default:
                        let wasCalling = isCalling
                        do {
                            _ = try await turn.commit()
                            answers += 1
                            break loop
                        } catch {
                            if case .notCommitted(let failure) = error {
                                draft = failure.draft
                                #expect(!failure.draft.entries.isEmpty)
                                break loop
                            }
                            if wasCalling, case .model = error { isCalling = false }
                        }
                    }
                }
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: await turn.abandon()
                case 1: await turn.abandon(.cancelled)
                default: break
                }
            } catch {}
            #expect(!handle.isResponding)
            if let draft {
                store.failNoMore()
                let position = try await handle.commit(draft)
                #expect(try await handle.commit(draft) == position)
                answers += 1
            }
        }
        store.failNoMore()
        await a.flushLedger()
        await b.flushLedger()
        try await a.refresh()
        #expect(boundary.unrecordedCalls.waiting == 0)
        #expect(try await a.ledger().count == calls)
        let prompts = a.transcript.filter { if case .prompt = $0.content { true } else { false } }.count
        #expect(prompts == answers)
        let other = try await Boundary(store: memory as any SessionStore).session(key, model: LineModel([]))
        #expect(other.transcript.count == a.transcript.count)
    }
}
