import FoundationEssentials
import NIOHTTP1
import StatelineTesting
import StatelineUpstream
import Testing

@Suite struct UpstreamReportTests {
    private typealias Message = (role: String, text: String)

    /// The number of leading bytes in common, found the slow and obvious way.
    private static func common(_ a: String, _ b: String) -> Int {
        zip(a.utf8, b.utf8).prefix { $0 == $1 }.count
    }

    private static func tokens(_ messages: some Sequence<Message>) -> Int {
        messages.reduce(0) { $0 + 4 + ($1.text.utf8.count + 3) / 4 }
    }

    /// Tokens of the messages whose JSON ends within the first bytes of the body.
    private static func cached(_ messages: [Message], within count: Int) -> Int {
        let whole = messages.indices.prefix { index in
            UpstreamClient.body(Array(messages[...index])).utf8.count - #"],"model":"any"}"#.utf8.count <= count
        }
        return tokens(messages[whole])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `bytes and tokens are those of a plain count, over conversations that grow and are rewritten`(
        _ seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            var conversations: [[Message]] = [[], []]
            var previous = ["", ""]
            var expected = UpstreamReport.Sums()
            for _ in 0..<60 {
                let number = Int.random(in: 0..<2, using: &random)
                var messages = conversations[number]
                if Int.random(in: 0..<4, using: &random) == 0 {
                    messages.removeLast(Int.random(in: 0...messages.count, using: &random))
                }
                for role in ["user", "assistant", "user"].prefix(Int.random(in: 1...3, using: &random)) {
                    messages.append((role, random.text()))
                }
                let body = UpstreamClient.body(messages)
                let usage = try await client.chat(body, session: "s\(number)").decode(Completion.self).usage
                let common = Self.common(body, previous[number])
                expected.add(body.utf8.count, common)
                #expect(usage.prompt_tokens == Self.tokens(messages), "seed \(seed)")
                #expect(
                    usage.prompt_tokens_details.cached_tokens == Self.cached(messages, within: common),
                    "seed \(seed)"
                )
                let request = try #require(await upstream.report(newest: 1).requests.first)
                #expect(request.sentAgainBytes == common)
                #expect(request.requestBytes == body.utf8.count)
                #expect(request.conversation == "s\(number)")
                conversations[number] = messages
                previous[number] = body
            }
            let report = await upstream.report()
            #expect(report.requestCount == 60)
            #expect(report.comparedCount == 60)
            #expect(report.requestBytes == expected.requestBytes)
            #expect(report.sentAgainBytes == expected.sentAgainBytes)
            #expect(report.newBytes == expected.requestBytes - expected.sentAgainBytes)
            #expect(report.requests.map(\.index) == Array(1...60))
        }
    }

    @Test func `the report is the same over HTTP, and bodies are given back exactly`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let body = UpstreamClient.body([("user", "É \u{1F600}")], #","x":[1, 2]"#)
            _ = try await client.chat(body)
            _ = try await client.chat("nonsense")
            let report = try await client.send(.GET, "/stateline/report").decode(UpstreamReport.self)
            #expect(report == (await upstream.report()))
            #expect(report.requests.map(\.status) == [200, 400])
            #expect(report.requests.map(\.promptTokens) == [4 + 2, nil])
            #expect(report.requests[0].sha256.count == 64)
            #expect(try await client.send(.GET, "/stateline/requests/1").body == body)
            #expect(
                try await client.send(.GET, "/stateline/report?newest=1").decode(UpstreamReport.self).requests
                    .map(\.index) == [2]
            )
        }
    }

    @Test func `a cleared report counts from zero, and numbers go on`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            _ = try await client.chat(prompt: "Hello")
            #expect(try await client.send(.DELETE, "/stateline/report").status == 204)
            #expect(await upstream.report().requestCount == 0)
            _ = try await client.chat(prompt: "Hello")
            let report = await upstream.report()
            #expect(report.requests.map(\.index) == [2])
            #expect(report.sentAgainBytes == 0)
        }
    }

    @Test func `a conversation whose body was dropped is not compared, and says so`() async throws {
        var configuration = Upstream.Configuration()
        configuration.recordedBytes = 1
        configuration.recordedRequests = 2
        try await Upstream.withServer(configuration) { upstream in
            let client = UpstreamClient(upstream: upstream)
            for session in ["a", "b", "b", "a"] {
                _ = try await client.chat(UpstreamClient.body([("user", "x")]), session: session)
            }
            let report = await upstream.report()
            #expect(report.requests.map(\.index) == [3, 4])
            #expect(report.requests.map(\.sentAgainBytes) == [report.requests[0].requestBytes, nil])
            #expect(report.requestCount == 4)
            #expect(report.comparedCount == 3)
            #expect(try await client.send(.GET, "/stateline/requests/3").status == 404)
            #expect(try await client.send(.GET, "/stateline/requests/4").status == 200)
        }
    }

    @Test func `a fixed answer is the same for every body, plain or streamed`() async throws {
        var configuration = Upstream.Configuration()
        configuration.isFixed = true
        configuration.wordCount = 3
        try await Upstream.withServer(configuration) { upstream in
            let client = UpstreamClient(upstream: upstream)
            let plain = try await client.chat(prompt: "Hello")
            #expect(try await client.chat("nonsense").body == plain.body)
            let streamed = try await client.chat(prompt: "Hello", #","stream" : true"#)
            let words = try streamed.events().flatMap(\.choices).compactMap(\.delta.content)
            #expect(words.joined() == (try plain.decode(Completion.self).choices[0].message.content))
            let report = await upstream.report()
            #expect(report.requestCount == 3)
            #expect(report.promptTokens == 0)
        }
    }
}

extension UpstreamReport {
    fileprivate struct Sums {
        var requestBytes = 0
        var sentAgainBytes = 0

        mutating func add(_ bytes: Int, _ common: Int) {
            requestBytes += bytes
            sentAgainBytes += common
        }
    }
}

extension SeededGenerator {
    /// A text in which JSON has something to escape.
    fileprivate mutating func text() -> String {
        let letters = Array("ab \"\\{}[],:é😀\n")
        return String((0..<Int.random(in: 0...40, using: &self)).map { _ in letters.randomElement(using: &self)! })
    }
}
