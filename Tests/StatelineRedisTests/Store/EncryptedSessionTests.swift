import Foundation
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The files of a real server that holds encrypted sessions.
@Suite struct EncryptedSessionTests {
    private static let marker = "marker-of-the-prompt-that-no-file-shows"

    /// A server that keeps an append-only file and writes texts as they are.
    private static var options: RedisServer.Options {
        var options = RedisServer.Options()
        options.appendOnly = true
        options.arguments = ["--rdbcompression", "no", "--aof-use-rdb-preamble", "no"]
        return options
    }

    /// Writes a session with the marker in its instructions, prompts, answers and tool outputs.
    private static func write(_ boundary: Boundary, _ key: SessionKey) async throws -> ModelSession {
        let call = ToolCall(id: "1", name: marker, arguments: #"{"a": "\#(marker)"}"#)
        let model = ScriptedModel([.text(marker), .toolCalls(call), .text(marker), .text("last")])
        let session = try await boundary.session(key, model: model, instructions: marker)
        try await session.respond(to: marker)
        _ = try? await session.respond(to: "call the tool")
        try await session.respond(to: "and then")
        return session
    }

    /// The names of the server's data files that hold a text.
    private static func files(of server: RedisServer, holding text: String) throws -> [String] {
        let folder = URL(fileURLWithPath: server.folder)
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try all.compactMap { $0 as? URL }
            .filter { ["rdb", "aof"].contains($0.pathExtension) }
            .filter { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }
            .map(\.lastPathComponent)
    }

    private static func rewrite(_ server: RedisServer) async throws {
        try server.command(["BGREWRITEAOF"])
        try await server.wait(until: "the file is rewritten") {
            try $0.info("aof_rewrite_in_progress") == "0" && $0.info("aof_rewrite_scheduled") == "0"
        }
    }

    @Test func `no file of the server shows an encrypted session`() async throws {
        try await StoreFixture.run(Self.options) { fixture in
            let (plain, sealed) = (SessionKey("plain"), SessionKey("sealed"))
            let keys = KeyRing(.random(id: 1))
            let session = try await Self.write(Boundary(store: fixture.store(), keys: keys), sealed)
            try fixture.server.command(["SAVE"])
            #expect(try Self.files(of: fixture.server, holding: Self.marker) == [])
            try await Self.rewrite(fixture.server)
            #expect(try Self.files(of: fixture.server, holding: Self.marker) == [])
            let again = try await Boundary(store: fixture.store(), keys: keys)
                .session(sealed, model: ScriptedModel([]), opening: .resume)
            #expect(again.transcript == session.transcript)
            #expect(again.transcript.count > 4)
            // The search finds a session that is not encrypted.
            _ = try await Self.write(Boundary(store: fixture.store()), plain)
            try fixture.server.command(["SAVE"])
            #expect(try Self.files(of: fixture.server, holding: Self.marker).count >= 2)
        }
    }

    @Test func `the bytes of an erased session are gone once the file is rewritten`() async throws {
        try await StoreFixture.run(Self.options) { fixture in
            let server = fixture.server
            let key = SessionKey("erased")
            let boundary = Boundary(store: fixture.store())
            _ = try await Self.write(boundary, key)
            try server.command(["SAVE"])
            #expect(try Self.files(of: server, holding: Self.marker).count >= 2)
            try await boundary.erase(key)
            try server.command(["SAVE"])
            try await Self.rewrite(server)
            try await server.wait(until: "the earlier file is removed") {
                try Self.files(of: $0, holding: Self.marker) == []
            }
            await #expect(throws: SessionError.gone(key, .deleted)) {
                try await boundary.session(key, model: ScriptedModel([]), opening: .resume)
            }
        }
    }

    @Test(arguments: [SessionStoreContract.Clause.order, .stale, .fork, .forkOfFork, .newerContent, .unknownOutcome])
    func `the store keeps the contract with encrypted batches`(clause: SessionStoreContract.Clause) async throws {
        try await StoreFixture.run { fixture in
            let contract = SessionStoreContract(
                fixture.store(),
                expiry: .declined(because: "its batches are not encrypted"),
                bound: .declined(because: "its batches are not encrypted")
            )
            try await contract.check(clause, keys: KeyRing(.random(id: 1)))
        }
    }

    @Test func `the server's log and its commands' log show no content and no id of a session`() async throws {
        let log = RecordedLog()
        try await RedisServer.run { server in
            var configuration = log.configuration
            configuration.attemptTimeout = .milliseconds(200)
            let url = try RedisURL("redis://127.0.0.1:\(server.port)")
            let store = RedisStore(url, timeout: .seconds(1), configuration: configuration)
            let boundary = Boundary(store: store, keys: KeyRing(.random(id: 1)))
            let session = try await Self.write(boundary, SessionKey("person-of-the-session"))
            await server.kill()
            _ = try? await session.refresh()
            try await server.restart()
            _ = try? await session.refresh()
            await store.close()
        }
        #expect(!log.lines.isEmpty)
        log.expectNone(of: [Self.marker, "person-of-the-session"])
    }
}
