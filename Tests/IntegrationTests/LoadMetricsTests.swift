import Foundation
import NIOCore
import NIOPosix
import StatelineLoad
import StatelineTesting
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `stateline load --metrics`, scraped as Prometheus does.
@Suite(.timeLimit(.minutes(2))) struct LoadMetricsTests {
    /// Three turns that are over at once, and one that takes as long as anybody likes.
    private static let trace = """
        session,agent,step,in_tok,shared_tok,new_tok,out_tok,api_s,think_s
        a,main,0,1000,0,1000,50,0,0
        a,main,1,1500,960,540,50,0,0
        b,main,0,100,0,100,50,0,0
        b,main,1,300,100,200,50,6000,0

        """

    /// Asks for a page.
    private func page(_ address: String, method: String = "GET") async throws -> (
        status: Int, type: String, text: String
    ) {
        var request = URLRequest(url: try #require(URL(string: address)))
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let type = answer.value(forHTTPHeaderField: "Content-Type") ?? ""
        return (answer.statusCode, type, String(decoding: data, as: UTF8.self))
    }

    private func value(_ name: String, _ page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Double($0.split(separator: " ")[1]) }
    }

    @Test func `a load is scraped while it runs, and tells as many turns as its report`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "trace-\(UInt64.random(in: 0 ... .max))")
        try Data(Self.trace.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = try CommandProcess.inTerminal([
            "load", "--json", "--trace", file.path, "--rate", "1000", "--metrics", "0",
        ])
        try await process.expect("stateline: metrics at ")
        let address = try await process.expect("/metrics") + "/metrics"
        #expect(address.hasPrefix("http://127.0.0.1:"))
        let committed = #"stateline_turn_duration_seconds_count{outcome="committed"}"#
        var answer = try await page(address)
        while value(committed, answer.text) != 3 {
            // The test's limit ends this.
            try await Task.sleep(for: .milliseconds(20))
            answer = try await page(address)
        }
        #expect(answer.status == 200 && answer.type.hasPrefix("text/plain; version=0.0.4"))
        #expect(value("stateline_replay_sent_tokens_total", answer.text) == 2600)
        #expect(answer.text.contains(#"stateline_store_bytes_total{backend="memory",direction="write"}"#))
        try await check(answer.text)

        let root = address.dropLast("/metrics".count)
        #expect(try await page("\(root)/").status == 404)
        #expect(try await page("\(root)/metrics/more").status == 404)
        for method in ["POST", "PUT", "DELETE"] {
            let refusal = try await page(address, method: method)
            #expect(refusal.status == 405 && !refusal.text.contains("stateline_"), "\(method)")
        }

        try process.send("\u{3}")
        let outcome = try await process.outcome()
        #expect(outcome.status == 130)
        let json = try #require(outcome.output.firstRange(of: #"{""#).map { outcome.output[$0.lowerBound...] })
        let report = try LoadReport(json: json.trimmed)
        #expect(report.turns == 3 && report.isInterrupted)
        await #expect(throws: (any Error).self) { try await page(address) }
    }

    @Test func `a load on Redis serves the figures of its client too, and promtool accepts the page`() async throws {
        try await RedisServer.run { server in
            let process = try CommandProcess.inTerminal([
                "load", "--workload", "chat", "--rate", "20", "--duration", "60", "--metrics", "0",
                "--store", "redis://127.0.0.1:\(server.port)",
            ])
            try await process.expect("stateline: metrics at ")
            let address = try await process.expect("/metrics") + "/metrics"
            let shard = "shard=\"127.0.0.1:\(server.port)\""
            var text = try await page(address).text
            #expect(value("stateline_store_connects_total{result=\"made\"}", text).map { $0 >= 1 } == true)
            #expect(value("stateline_store_breaker{\(shard),state=\"open\"}", text) == 0)
            try server.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
            // The test's limit ends this.
            while value("stateline_store_reconnects_total", text).map({ $0 >= 1 }) != true {
                try await Task.sleep(for: .milliseconds(20))
                text = try await page(address).text
            }
            #expect(value("stateline_store_disconnects_total", text).map { $0 >= 1 } == true)
            for name in Self.clientMetrics {
                #expect(text.contains("\n\(name)"), "\(name)")
                #expect(!text.contains("# HELP \(name) The metric"), "\(name)")
            }
            try await check(text)
            try process.send("\u{3}")
            _ = try await process.outcome()
        }
    }

    private static let clientMetrics =
        [
            "connects_total", "slow_connects_total", "disconnects_total", "reconnects_total", "failovers_total",
            "timeouts_total{phase=\"queued\"}", "timeouts_total{phase=\"sent\"}", "retries_total",
            "redirects_total{kind=\"moved\"}", "redirects_total{kind=\"ask\"}", "lookups_total", "reply_mismatch_total",
            "connections", "inflight", "queue", "breaker",
        ]
        .map { "stateline_store_\($0)" } + [
            "stateline_shed_total{reason=\"store_queue\"}", "db_client_connection_timeouts_total",
            "db_client_connection_pending_requests",
        ]

    @Test func `a port that is taken is one line, and nothing runs`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let outcome = try await CommandProcess.run(["load", "--metrics", "\(port)"])
        #expect(outcome.status == 1 && outcome.output == "")
        let reason = "cannot listen on port \(port) of 127.0.0.1: it is in use;"
        #expect(outcome.error.hasPrefix("stateline: --metrics: \(reason)"))
        #expect(outcome.error.filter { $0 == "\n" }.count == 1)
        try await listener.close().get()
    }

    private func check(_ page: String) async throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let path = folders.map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        let promtool = try #require(path, "promtool was not found: RUNLEVEL=1 apt-get install prometheus")
        let outcome = try await CommandProcess.run(["check", "metrics"], path: promtool, input: page)
        #expect(outcome.status == 0 && outcome.output + outcome.error == "", "\(outcome.output)\(outcome.error)")
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
