import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct ContextSizeTests {
    /// A model that counts one token for each `bytes` bytes of a request.
    private func counting(_ bytes: Int?, recorder: Recorder = Recorder()) -> FunctionModel {
        FunctionModel { request in
            let body = request.body.byteCount
            recorder.record([UInt8](repeating: 0, count: body))
            let usage = bytes.map { Usage(input: .init(totalTokenCount: body / $0), output: .init(totalTokenCount: 1)) }
            return .text(String(repeating: "a", count: 300), usage: usage)
        }
    }

    @Test func `without a count, a token is assumed to take 4 bytes`() async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: counting(nil), instructions: String(repeating: "i", count: 400))
        #expect(session.contextSize.basis == .assumed)
        #expect(session.contextSize.countedTokens == 0)
        #expect((100...120).contains(session.contextSize.tokens))
        try await session.respond(to: "p")
        #expect(session.contextSize.basis == .assumed)
    }

    @Test func `what the provider counted is exact, and the rest is estimated as it counts`() async throws {
        let recorder = Recorder()
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: counting(2, recorder: recorder), instructions: "Be brief.")
        let response = try await session.respond(to: "p")
        let size = session.contextSize
        #expect(size.basis == .counted)
        #expect(size.countedTokens == response.usage?.input.totalTokenCount)
        #expect((150...170).contains(size.estimatedTokens))
        // The next request is the same, and a prompt.
        try await session.respond(to: "p")
        let difference = recorder.bodies[1].count / 2 - size.tokens
        #expect((0...20).contains(difference))
    }

    @Test func `another process reads the count from the head, and calibrates by it`() async throws {
        let store = MemoryStore()
        let session = try await Boundary(store: store)
            .session(SessionKey("s"), model: counting(2), instructions: String(repeating: "i", count: 4000))
        try await session.respond(to: "p")
        let cold = try await Boundary(store: store).session(SessionKey("s"), model: counting(2), opening: .resume)
        #expect(cold.contextSize.basis == .counted)
        #expect(cold.contextSize.countedTokens == session.contextSize.countedTokens)
        #expect(abs(cold.contextSize.tokens - session.contextSize.tokens) < 10)
        try await cold.compact(with: [.trimToolOutputs(over: 1)])
        try await cold.rewind(to: 1)
        #expect(cold.contextSize.basis == .calibrated)
        #expect((1.9...2.1).contains(cold.contextSize.bytesPerToken))
    }

    @Test func `a new picture does not count by its bytes`() async throws {
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: counting(4))
        try await session.respond(to: "p")
        let before = session.contextSize.tokens
        let picture = Media(.data(ByteBuffer(repeating: 7, count: 900_000)), mediaType: "image/png")
        let turn = try await session.checkout(Prompt([.image(picture)]))
        #expect((before...before + 1100).contains(turn.contextSize.tokens))
        await turn.abandon()
    }

    @Test func `each route has a number of bytes to a token of its own, which follows its counts`() {
        let meter = TokenMeter()
        let (a, b) = (Route(provider: "a", model: "m"), Route(provider: "b", model: "m"))
        meter.counted(100, of: 400, on: a)
        #expect(meter.bytesPerToken(on: a) == 4)
        #expect(meter.bytesPerToken(on: b) == nil)
        meter.counted(100, of: 200, on: a)
        #expect(meter.bytesPerToken(on: a) == 3)
        // A count of something else than the bytes.
        meter.counted(1, of: 1_000_000, on: a)
        meter.counted(0, of: 100, on: a)
        #expect(meter.bytesPerToken(on: a) == 3)
        for number in 0..<100 { meter.counted(100, of: 400, on: Route(provider: "\(number)", model: "m")) }
        #expect(meter.bytesPerToken(on: Route(provider: "99", model: "m")) == 4)
    }
}
