import NIOHTTP1
import StatelineUpstream
import Testing

@Suite struct UpstreamErrorTests {
    static let call =
        #"{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"t","arguments":""}}]}"#

    @Test(arguments: [
        "", "null", "[]", "{", "nonsense", #"{"model":"m"}"#, #"{"model":"m","messages":{}}"#,
        #"{"model":"m","messages":[]}"#, #"{"model":"m","messages":[1]}"#, #"{"model":"m","messages":[{}]}"#,
        #"{"model":"m","messages":[{"role":"king","content":"x"}]}"#,
        #"{"model":"m","messages":[{"role":"user","content":7}]}"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}{"role":"user","content":"x"}]}"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}]"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}]} x"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"y"}]}"#,
        #"{"model":7,"messages":[{"role":"user","content":"x"}]}"#,
        #"{"messages":[{"role":"user","content":"x"}]}"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}],"x":}"#,
        #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":"yes"}"#,
        #"{"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]}"#,
        #"{"model":"m","messages":[\#(call)]}"#,
        #"{"model":"m","messages":[\#(call),{"role":"user","content":"x"}]}"#,
        #"{"model":"m","messages":[\#(call),{"role":"tool","tool_call_id":"b","content":"x"}]}"#,
    ])
    func `a body that is not a request is refused, and the connection serves the next one`(_ body: String) async throws
    {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let reply = try await client.chat(body)
            #expect(reply.status == 400)
            let error = try reply.decode(Failure.self).error
            #expect(error.type == "invalid_request_error")
            #expect(!error.message.isEmpty)
            #expect(try await client.chat(prompt: "Hello").status == 200)
        }
    }

    @Test(arguments: [1000, 100_000]) func `deep nesting is refused`(_ depth: Int) async throws {
        try await Upstream.withServer { upstream in
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let client = UpstreamClient(upstream: upstream)
            let replies = [
                try await client.chat(#"{"model":"m","messages":[{"role":"user","content":\#(nested)}]}"#),
                try await client.chat(UpstreamClient.body([("user", "x")], #","x":\#(nested)"#)),
                try await client.chat(nested),
            ]
            #expect(replies.map(\.status) == [400, 400, 400])
        }
    }

    @Test func `an unknown path, method or model is an error object with 404`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            for reply in [
                try await client.send(.GET, "/v2/nothing"),
                try await client.send(.GET, "/v1/chat/completions"),
                try await client.send(.GET, "/stateline/requests/7"),
                try await client.send(.GET, "/stateline/requests/x"),
            ] {
                #expect(reply.status == 404)
                #expect(try !reply.decode(Failure.self).error.message.isEmpty)
            }
            let body = #"{"model":"no-such-model","messages":[{"role":"user","content":"x"}]}"#
            let reply = try await client.chat(body)
            #expect(reply.status == 404)
            #expect(try reply.decode(Failure.self).error.code == "model_not_found")
            #expect(try await client.send(.GET, "/v1/models").body.contains(#""object":"list""#))
        }
    }

    @Test func `a body over the limit is refused`() async throws {
        var configuration = Upstream.Configuration()
        configuration.bodyLimit = 1000
        try await Upstream.withServer(configuration) { upstream in
            let client = UpstreamClient(upstream: upstream)
            let length = 1000 - UpstreamClient.body([("user", "")]).utf8.count
            let fits = String(repeating: "x", count: length)
            let replies = [try await client.chat(prompt: fits), try await client.chat(prompt: fits + "x")]
            #expect(replies.map(\.status) == [200, 413])
        }
    }

    @Test func `a port in use is told`() async throws {
        try await Upstream.withServer { upstream in
            var configuration = Upstream.Configuration()
            configuration.port = upstream.port
            await #expect(throws: UpstreamError.addressInUse(host: "127.0.0.1", port: upstream.port)) {
                try await Upstream.withServer(configuration) { _ in }
            }
        }
    }

    @Test func `what the function throws is thrown, and the port is free again`() async throws {
        struct Mistake: Error {}
        var configuration = Upstream.Configuration()
        await #expect(throws: Mistake.self) {
            try await Upstream.withServer(configuration) { upstream in
                configuration.port = upstream.port
                throw Mistake()
            }
        }
        #expect(try await Upstream.withServer(configuration) { $0.port } == configuration.port)
    }

    @Test func `the end of the server gives up a request that waits`() async throws {
        var configuration = Upstream.Configuration()
        configuration.latency = .seconds(3600)
        let status = try await withThrowingTaskGroup(of: Int.self) { group in
            try await Upstream.withServer(configuration) { upstream in
                group.addTask { try await UpstreamClient(upstream: upstream).chat(prompt: "Hello").status }
                while await upstream.report().requestCount == 0 { await Task.yield() }
            }
            return try await group.next()
        }
        #expect(status == 503)
    }
}
