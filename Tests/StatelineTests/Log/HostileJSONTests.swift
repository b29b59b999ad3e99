import Foundation
import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// JSON that another process may have written or changed: it is refused, or it does no damage.
@Suite struct HostileJSONTests {
    static let key = SessionKey("s")

    /// The JSON of a draft that another process could not commit, changed by a closure.
    static func draft(_ change: (inout [String: Any]) -> Void) async throws -> Draft {
        let store = MemoryStore()
        let session = try await Boundary(store: store).session(Self.key, model: LineModel([]))
        var turn = try await session.checkout("q")
        try turn.append(Answer.text("paid"))
        let kept = turn.draft
        let draft = try #require(kept)
        await turn.abandon()
        var object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(draft)) as? [String: Any]
        )
        change(&object)
        return try JSONDecoder().decode(Draft.self, from: JSONSerialization.data(withJSONObject: object))
    }

    static func commitToNewSession(_ draft: Draft) async throws {
        let store = MemoryStore()
        let session = try await Boundary(store: store as any SessionStore).session(Self.key, model: LineModel([]))
        _ = try? await session.commit(draft)
        // Another process opens the session.
        let other = try await Boundary(store: store as any SessionStore).session(Self.key, model: LineModel([]))
        #expect(other.snapshot.position == session.snapshot.position)
        _ = try await other.ledger()
    }

    @Test func `a draft with a negative part count does not stop the process`() async throws {
        await #expect(processExitsWith: .success) {
            guard let draft = try? await HostileJSONTests.draft({ $0["part_count"] = -1 }) else { return }
            try? await HostileJSONTests.commitToNewSession(draft)
        }
    }

    @Test func `a draft with a huge part count does not stop the process`() async throws {
        await #expect(processExitsWith: .success) {
            guard let draft = try? await HostileJSONTests.draft({ $0["part_count"] = Int.max }) else { return }
            try? await HostileJSONTests.commitToNewSession(draft)
        }
    }

    @Test func `a draft with a base revision of 2^64 - 1 does not stop the process`() async throws {
        await #expect(processExitsWith: .success) {
            guard
                let draft = try? await HostileJSONTests.draft({
                    var base = $0["base"] as? [String: Any]
                    base?["revision"] = UInt64.max
                    $0["base"] = base
                })
            else { return }
            try? await HostileJSONTests.commitToNewSession(draft)
        }
    }

    @Test(arguments: [0, 1, 2, 1 << 40])
    func `a draft with any base revision does not stop the process`(revision: Int) async throws {
        await #expect(processExitsWith: .success) { [revision] in
            guard
                let draft = try? await HostileJSONTests.draft({
                    var base = $0["base"] as? [String: Any]
                    base?["revision"] = revision
                    $0["base"] = base
                })
            else { return }
            try? await HostileJSONTests.commitToNewSession(draft)
        }
    }

    @Test func `a draft whose base has revision 0 of the session's own life does not stop the process`() async throws {
        await #expect(processExitsWith: .success) {
            let store = MemoryStore()
            let session = try await Boundary(store: store as any SessionStore)
                .session(SessionKey("s"), model: LineModel([]))
            let incarnation =
                try JSONSerialization.jsonObject(
                    with: JSONEncoder().encode(session.snapshot.position)
                ) as? [String: Any]
            for revision in [0, 2, 9] {
                guard
                    let draft = try? await HostileJSONTests.draft({
                        var base = incarnation
                        base?["revision"] = revision
                        $0["base"] = base
                    })
                else { return }
                _ = try? await session.commit(draft)
            }
        }
    }

    @Test func `a trace of huge numbers can be summed`() async throws {
        await #expect(processExitsWith: .success) {
            let digest = String(repeating: "0", count: 64)
            let text = """
                {"step":0,"route":{"provider":"p","endpoint":"e","model":"m"},"started":0,
                "sent_again_bytes":9223372036854775807,"new_bytes":9223372036854775807,"request_digest":"\(digest)",
                "received_bytes":0,"first_byte_nanoseconds":0,"duration_nanoseconds":0,"outcome":{"kind":"cancelled"}}
                """
            guard let crossing = try? JSONDecoder().decode(Crossing.self, from: Data(text.utf8)) else { return }
            _ = crossing.requestBytes
        }
    }

    static func crossing(_ more: String) -> [String: Any] {
        let digest = String(repeating: "0", count: 64)
        let text = """
            {"step":0,"route":{"provider":"p","endpoint":"e","model":"m"},"started":0,
            "sent_again_bytes":1,"new_bytes":1,"request_digest":"\(digest)",
            "received_bytes":0,"first_byte_nanoseconds":0,"duration_nanoseconds":0,"outcome":{"kind":"cancelled"}\(more)}
            """
        return try! JSONSerialization.jsonObject(with: Data(text.utf8)) as! [String: Any]
    }

    @Test(arguments: [
        #","repeated_tool_bytes":100"#,
        #","repeated_tool_bytes":-100"#,
        #","extensions":[{"tag":131,"bytes":""},{"tag":130,"bytes":""}]"#,
        #","extensions":[{"tag":130,"bytes":""},{"tag":130,"bytes":""}]"#,
        #","usage":{"input_tokens":-9223372036854775808,"output_tokens":-1}"#,
        #","sent_again_tokens":-9223372036854775808"#,
    ])
    func `a crossing of a hostile draft does not damage the log`(more: String) async throws {
        let draft: Draft
        do {
            draft = try await Self.draft { object in
                object["part_count"] = nil
                object["crossings"] = [Self.crossing(more)]
            }
        } catch is DecodingError { return }
        try await Self.commitToNewSession(draft)
    }

    @Test func `extensions of a hostile crossing that are too big do not damage the log`() async throws {
        let bytes = Data(repeating: 0, count: 5000).base64EncodedString()
        let draft: Draft
        do {
            draft = try await Self.draft { object in
                object["part_count"] = nil
                object["crossings"] = [Self.crossing(#","extensions":[{"tag":131,"bytes":"\#(bytes)"}]"#)]
            }
        } catch is DecodingError { return }
        try await Self.commitToNewSession(draft)
    }

    @Test(arguments: [
        #"{"type":"response","parts":[{"type":"text","text":"x"}],"extensions":[{"tag":131,"bytes":""},{"tag":130,"bytes":""}]}"#,
        #"{"type":"response","parts":[{"type":"text","text":"x"}],"extensions":[{"tag":131,"bytes":""},{"tag":131,"bytes":""}]}"#,
        #"{"type":"response","parts":[]}"#,
        #"{"type":"toolCalls","calls":[]}"#,
        #"{"type":"compaction","parts":[]}"#,
        #"{"type":"toolOutput","output":{"callID":"","name":"","parts":[],"isError":false}}"#,
        #"{"type":"response","parts":[{"type":"json","text":"} not json"}]}"#,
    ])
    func `an entry of a hostile draft does not damage the log`(entry: String) async throws {
        let draft: Draft
        do {
            draft = try await Self.draft { object in
                object["entries"] =
                    (object["entries"] as! [Any]) + [try! JSONSerialization.jsonObject(with: Data(entry.utf8))]
            }
        } catch is DecodingError { return }
        try await Self.commitToNewSession(draft)
    }

    @Test(arguments: [
        #"{"type":"response","parts":[{"type":"text","text":"x"}],"extensions":[{"tag":131,"bytes":""},{"tag":130,"bytes":""}]}"#
    ])
    func `an imported history does not damage the log`(entry: String) async throws {
        let decoded: Entry
        do { decoded = try JSONDecoder().decode(Entry.self, from: Data(entry.utf8)) } catch is DecodingError { return }
        let store = MemoryStore()
        let session = try await Boundary(store: store as any SessionStore)
            .session(Self.key, model: LineModel([]), history: [.prompt("a"), decoded])
        let other = try await Boundary(store: store as any SessionStore).session(Self.key, model: LineModel([]))
        #expect(other.snapshot.position == session.snapshot.position)
    }

    @Test func `a draft with an unknown outcome that went through JSON is merged once`() async throws {
        let store = FlakyStore(MemoryStore())
        let boundary = Boundary(store: store, clock: store.clock)
        let session = try await boundary.session(Self.key, model: LineModel([]))
        store.failNext(.replyLost, .lostUnnoticed, .lostUnnoticed, .lostUnnoticed, .lostUnnoticed)
        do {
            try await session.respond(to: "q")
            Issue.record("committed")
        } catch {
            store.failNoMore()
            let draft = try #require(error.draft)
            let again = try JSONDecoder().decode(Draft.self, from: JSONEncoder().encode(draft))
            let other = try await Boundary(store: store, clock: store.clock).session(Self.key, model: LineModel([]))
            let first = try await other.commit(again)
            #expect(try await other.commit(again) == first)
            #expect(try await other.commit(draft) == first)
            #expect(other.transcript.count == 2)
            #expect(try await other.ledger().count == 1)
            try await session.respond(to: "r")
            #expect(session.transcript.count == 4)
            #expect(try await session.ledger().count == 2)
        }
    }

    @Test(arguments: [(1, 4093, true), (1, 4094, false), (120, 31, true)])
    func `extensions that the stored form holds are read from JSON too`(count: Int, size: Int, fits: Bool) throws {
        let extensions = (0..<count)
            .map {
                FormatExtension(tag: 128 + UInt8($0), bytes: ByteBuffer(repeating: 7, count: size))
            }
        let position = Position.origin(of: Self.key, incarnation: Incarnation(rawValue: 1))
        var head = Head(position: position)
        head.extensions = extensions
        let json = try JSONEncoder().encode(head)
        let read = try? JSONDecoder().decode(Head.self, from: json)
        #expect(read == (fits ? head : nil))
    }

    @Test func `keys print apart`() {
        let a = SessionKey("b (fork of a)")
        let b = SessionKey("b", forkOf: "a")
        #expect(a != b)
        #expect("\(a)" != "\(b)")
        #expect("\(SessionKey("b/c", tenant: Tenant("a")))" != "\(SessionKey("c", tenant: Tenant("a/b")))")
        #expect("\(SessionKey("b%28c"))" != "\(SessionKey("b(c"))")
    }
}
