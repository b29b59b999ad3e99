import Foundation
import StatelineTesting
import StatelineUpstream
import Testing

@Suite(.timeLimit(.minutes(2))) struct StoreCommandTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            var severity: String
            var subject: String
            var found: String
            var advice: String
        }

        var url: String
        var findings: [Finding]

        subscript(subject: String) -> Finding? { findings.first { $0.subject == subject } }
    }

    private static func url(_ server: RedisServer) -> String { "redis://127.0.0.1:\(server.port)" }

    private func check(_ arguments: [String]) async throws -> (status: Int32, report: Report) {
        let outcome = try await CommandProcess.run(["store", "check", "--json"] + arguments)
        #expect(outcome.error == "")
        return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
    }

    @Test func `a conversation goes on in another process`() async throws {
        try await RedisServer.run { server in
            try await Upstream.withServer { upstream in
                let arguments = [
                    "chat", "--model-url", upstream.baseURL, "--model", "any", "--boundary",
                    "--store", Self.url(server), "--session", "mine",
                ]
                let first = try await CommandProcess.run(arguments, input: "/say one\n")
                #expect(first.status == 0)
                #expect(first.output.contains("revision 2"))
                let second = try await CommandProcess.run(arguments, input: "/say two\n")
                #expect(second.status == 0)
                #expect(second.output.contains("revision 3"))
                let report = await upstream.report()
                #expect(report.requestCount == 2)
                #expect((report.requests[1].sentAgainBytes ?? 0) > 0)
            }
        }
    }

    @Test func `instructions for a session that has others are ignored, and a line says so`() async throws {
        try await RedisServer.run { server in
            try await Upstream.withServer { upstream in
                func chat(_ more: String...) async throws -> CommandProcess.Outcome {
                    let store = ["--store", Self.url(server), "--session", "mine"]
                    let arguments = ["chat", "--model-url", upstream.baseURL, "--model", "any"] + store + more
                    return try await CommandProcess.run(arguments, input: "/say yes\n")
                }
                for same in try await [chat("--system", "Be brief."), chat("--system", "Be brief."), chat()] {
                    #expect(same.status == 0 && same.error == "")
                }
                let other = try await chat("--system", "Be a pirate.")
                #expect(other.status == 0 && other.output == "yes\n")
                #expect(
                    other.error == "stateline: --system is ignored: session mine exists and keeps its instructions; "
                        + "choose another --session\n"
                )
            }
        }
    }

    /// A part of the one line that a wrong URL or a wrong server comes to.
    @Test func `each kind of wrong URL is one line that says what to do`() async throws {
        try await RedisServer.run { server in
            let place = "127.0.0.1:\(server.port)"
            let lines = [
                ("rediss://\(place)", "\(place): the server does not answer in TLS on this port: check the port, or "),
                ("redis://\(place)/99", "\(place): the server has no database 99: use a lower number, or raise "),
                ("redis://:guess@\(place)", "\(place): the server has no password: remove it from the URL"),
                ("redis://no..such", "no..such:6379: the host name has no address: check its spelling"),
            ]
            for (url, text) in lines {
                let outcome = try await CommandProcess.run(["store", "check", url])
                #expect(outcome.status == 1 && outcome.output == "")
                #expect(outcome.error.contains(text), "\(outcome.error)")
                #expect(outcome.error.filter { $0 == "\n" }.count == 1)
            }
        }
        var options = RedisServer.Options()
        options.password = "swordfish"
        try await RedisServer.run(options) { server in
            let place = "127.0.0.1:\(server.port)"
            for (url, text) in [
                ("redis://\(place)", "the server requires a password: give user and password in the URL"),
                ("redis://:guess@\(place)", "the server refused user and password"),
            ] {
                let outcome = try await CommandProcess.run(["store", "check", url])
                #expect(outcome.error.contains(": \(text)"), "\(outcome.error)")
            }
        }
    }

    @Test func `a demo keeps its session in a server, with one round trip a turn`() async throws {
        try await RedisServer.run { server in
            for _ in 0..<2 {
                let outcome = try await CommandProcess.run(["demo", "--turns", "3", "--store", Self.url(server)])
                #expect(outcome.status == 0)
                #expect(outcome.output.contains("with 3 store round trips"))
            }
            #expect(try server.command(["DBSIZE"]) == "4")
        }
    }

    @Test func `a demo that finds no server says which one it looked for`() async throws {
        let outcome = try await CommandProcess.run(["demo", "--store", "redis://:hunter2@127.0.0.1:1"])
        #expect(outcome.status == 1)
        #expect(
            outcome.error.contains("127.0.0.1:1: could not connect to the server: check that a server is running there")
        )
        #expect(!outcome.error.contains("hunter2"))
    }

    @Test func `a check tells what to change, and that sessions can be kept`() async throws {
        try await RedisServer.run { server in
            let (status, report) = try await check([Self.url(server)])
            #expect(status == 0)
            #expect(report.url == Self.url(server))
            #expect(report["version"]?.severity == "fine")
            #expect(report["memory"]?.found.hasPrefix("noeviction") == true)
            #expect(report["persistence"]?.severity == "warning")
            #expect(report["persistence"]?.advice.contains("appendonly yes") == true)
            #expect(report["session"]?.severity == "fine")
            #expect(report["latency"]?.found.contains("us") == true)
            let shown = try await CommandProcess.run(["store", "check", Self.url(server)])
            #expect(shown.status == 0)
            #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
            #expect(shown.output.contains("ok"))
        }
    }

    @Test func `a check fails where live sessions would be deleted`() async throws {
        try await RedisServer.run { server in
            _ = try server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            let (status, report) = try await check([Self.url(server)])
            #expect(status == 1)
            #expect(report["memory"]?.severity == "problem")
            #expect(report["memory"]?.advice.contains("noeviction") == true)
            let demo = try await CommandProcess.run(["demo", "--turns", "1", "--store", Self.url(server)])
            #expect(demo.status == 1)
            #expect(demo.error.contains("maxmemory-policy"))
            #expect(demo.error.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test func `the rights that are printed are enough, and no more`() async throws {
        let acl = try await CommandProcess.run(["store", "acl", "--user", "app"])
        #expect(acl.status == 0)
        let lines = acl.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        try await RedisServer.run { server in
            for line in lines {
                _ = try server.command(line.replacing("'", with: "").split(separator: " ").map(String.init))
            }
            let port = server.port
            let (status, report) = try await check(["redis://app:password@127.0.0.1:\(port)"])
            #expect(status == 0)
            #expect(report.url == "redis://app:<redacted>@127.0.0.1:\(port)")
            #expect(report["session"]?.severity == "fine")
            #expect(report["rights"]?.severity == "unchecked")
            #expect(report["rights"]?.found == "not readable: this user's rights (+acl|whoami +acl|dryrun)")
            #expect(report["settings"]?.severity == "unchecked")
            let settings = "appendonly, appendfsync, min-replicas-to-write"
            #expect(report["settings"]?.found == "not readable: \(settings) (+config|get)")
            let shown = try await CommandProcess.run(["store", "check", "redis://app:password@127.0.0.1:\(port)"])
            #expect(shown.output.contains("\nunchecked rights"))
            #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
            let everything = try await check([Self.url(server)])
            #expect(everything.report["rights"]?.severity == "warning")
            #expect(everything.report["rights"]?.found.contains("FLUSHALL") == true)
        }
    }

    @Test func `no server, a wrong password and another server are one line each, without the password`() async throws {
        var options = RedisServer.Options()
        options.password = "swordfish"
        try await RedisServer.run(options) { server in
            for url in ["redis://127.0.0.1:1", "redis://:guess@127.0.0.1:\(server.port)", Self.url(server)] {
                for arguments in [["store", "check", url], ["demo", "--turns", "1", "--store", url]] {
                    let outcome = try await CommandProcess.run(arguments)
                    #expect(outcome.status == 1)
                    #expect(outcome.output == "" || arguments[0] == "demo")
                    #expect(outcome.error.hasPrefix("stateline: "))
                    #expect(outcome.error.filter { $0 == "\n" }.count == 1)
                    #expect(!outcome.error.contains("guess"))
                }
            }
        }
    }
}
