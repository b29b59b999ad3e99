import Foundation
import Stateline
import StatelineMemory
import StatelineModels
import StatelineTesting
import StatelineUpstream
import Testing

@Suite(.timeLimit(.minutes(5))) struct UpstreamCommandTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends a server that serves`(_ signal: Int32) async throws {
        let process = try CommandProcess.start(["upstream", "--port", "0", "--tokens", "3"])
        let url = try await process.expect(" is ready")
        let model = try ChatCompletionsModel(baseURL: url, model: "any")
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        let response = try await session.respond(to: "Hello")
        #expect(response.content.split(separator: " ").count == 3)
        process.signal(signal)
        let outcome = try await process.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.error == "")
    }

    @Test func `a port in use is one line and a failure`() async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(["upstream", "--port", "\(upstream.port)"])
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.error.hasPrefix("stateline: port \(upstream.port) of 127.0.0.1 is in use"))
            #expect(outcome.error.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test func `an address that is not of this machine is one line and a failure`() async throws {
        let outcome = try await CommandProcess.run(["upstream", "--port", "0", "--host", "192.0.2.1"])
        #expect(outcome.status == 1)
        #expect(outcome.error.hasPrefix("stateline: cannot listen on port 0 of 192.0.2.1"))
        #expect(outcome.error.filter { $0 == "\n" }.count == 1)
    }
}
