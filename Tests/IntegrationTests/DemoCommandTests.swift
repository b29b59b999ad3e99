import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct DemoCommandTests {
    private struct Report: Decodable {
        struct Turn: Decodable {
            var turn: Int
            var request_bytes: Int
            var sent_again_bytes: Int
            var new_bytes: Int
            var sent_again_tokens: Int
            var new_tokens: Int
            var store_round_trips: Int
            var store_bytes_written: Int
            var load_ns: Int
            var project_ns: Int
            var model_ns: Int
            var fold_ns: Int
            var commit_ns: Int
            var overhead_ns: Int
            var total_ns: Int
        }

        var session: String
        var turns: [Turn]
        var amplification: Double
        var revision: Int
        var digest: String
    }

    @Test(arguments: [(1, 1), (12, 300), (40, 1024)])
    func `the figures of a demo are consistent`(_ count: Int, _ messageBytes: Int) async throws {
        let outcome = try await CommandProcess.run(
            ["demo", "--json", "--turns", "\(count)", "--message-bytes", "\(messageBytes)"]
        )
        #expect(outcome.status == 0)
        #expect(outcome.error == "")
        #expect(outcome.output.split(separator: "\n").count == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        #expect(report.turns.map(\.turn) == Array(1...count))
        #expect(report.revision == count + 1)
        #expect(report.digest.count == 64)
        for turn in report.turns {
            #expect(turn.request_bytes == turn.sent_again_bytes + turn.new_bytes)
            #expect(turn.store_round_trips == 1)
            // The entries of a turn are its prompt and an answer of 16 words; a crossing may take 512 bytes beside them.
            #expect(turn.store_bytes_written > messageBytes)
            #expect(turn.store_bytes_written <= messageBytes + 16 * 9 + 64 + 512)
            #expect(turn.new_bytes > messageBytes)
            let parts = turn.load_ns + turn.project_ns + turn.fold_ns + turn.commit_ns
            #expect(parts <= turn.overhead_ns)
            let stages = turn.overhead_ns + turn.model_ns
            #expect(stages <= turn.total_ns)
        }
        // A turn that the machine interrupts between two readings of the clock may miss its total; most must not.
        let exact = report.turns.count { ($0.overhead_ns + $0.model_ns) * 100 >= $0.total_ns * 99 }
        #expect(exact * 2 >= count, "stages sum to the total in \(exact) of \(count) turns")
        #expect(report.turns[0].sent_again_bytes == 0)
        #expect(report.turns[0].sent_again_tokens == 0)
        for (turn, next) in zip(report.turns, report.turns.dropFirst()) {
            #expect(next.request_bytes > turn.request_bytes)
            // All that was sent is sent again, the parameters at the end aside.
            #expect(next.sent_again_bytes <= turn.request_bytes)
            #expect(next.sent_again_bytes >= turn.request_bytes - 64)
            #expect(next.sent_again_tokens == turn.sent_again_tokens + turn.new_tokens)
        }
        let sums = report.turns.reduce(into: (all: 0, new: 0)) {
            $0 = ($0.all + $1.request_bytes, $0.new + $1.new_bytes)
        }
        #expect(abs(report.amplification - Double(sums.all) / Double(sums.new)) < 1e-9)
    }

    @Test func `the object has exactly the promised keys`() async throws {
        let outcome = try await CommandProcess.run(["demo", "--json", "--turns", "1"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        )
        #expect(Set(object.keys) == ["session", "turns", "amplification", "revision", "digest"])
        let turn = try #require((object["turns"] as? [[String: Any]])?.first)
        #expect(
            Set(turn.keys) == [
                "turn", "request_bytes", "sent_again_bytes", "new_bytes", "sent_again_tokens", "new_tokens",
                "store_round_trips", "store_bytes_written", "load_ns", "project_ns", "model_ns", "fold_ns",
                "commit_ns", "overhead_ns", "total_ns",
            ]
        )
    }

    @Test func `the table has a row a turn, and sentences that say what it means`() async throws {
        let outcome = try await CommandProcess.run(["demo", "--turns", "4"])
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        let prose = outcome.output.replacing("\n", with: " ")
        let rows = lines.filter { $0.first == " " && $0.contains("x ") }
        #expect(rows.map { $0.split(separator: " ")[0] } == ["1", "2", "3", "4"])
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(prose.contains("the session is sent again"))
        #expect(prose.contains("The upstream's own counts agree with the session's trace in each turn: 4 requests"))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test func `a terminal is shown colours, unless it wants none`() async throws {
        let coloured = try await CommandProcess.inTerminal(["demo", "--turns", "1"]).outcome()
        #expect(coloured.status == 0)
        #expect(coloured.output.contains("\u{1B}[1m"))
        let plain = try CommandProcess.inTerminal(["demo", "--turns", "1"], environment: ["NO_COLOR": "1"])
        #expect(try await !plain.outcome().output.contains("\u{1B}"))
    }

    @Test func `a reader that leaves ends the demo quietly`() async throws {
        let script = #""$0" demo --turns 5000 | head -n 1 > /dev/null; echo "${PIPESTATUS[0]}""#
        let outcome = try await CommandProcess.run(["-c", script, CommandProcess.path], path: "/bin/bash")
        #expect(outcome.output == "141\n")
        #expect(outcome.error == "")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: [[], ["--json"]])
    func `a full disk is one line and a failure`(options: [String]) async throws {
        let script = #""$0" "$@" > /dev/full"#
        let arguments = ["demo", "--turns", "1"] + options
        let outcome = try await CommandProcess.run(["-c", script, CommandProcess.path] + arguments, path: "/bin/bash")
        #expect(outcome.status == 1)
        #expect(outcome.error.hasPrefix("stateline: cannot write standard output: the disk is full; "))
        #expect(outcome.error.count { $0.isNewline } == 1)
    }

    @Test(arguments: [
        ["demo", "--turns", "0"], ["demo", "--turns", "100001"], ["demo", "--turns", "ten"],
        ["demo", "--message-bytes", "0"], ["demo", "--message-bytes", "10485761"], ["demo", "--store", "disk"],
        ["demo", "--store", "redis://"], ["demo", "--store", "redis://h:0"], ["demo", "--nonsense"], ["demo", "extra"],
        ["nonsense"],
        ["chat"], ["chat", "--model-url", "http://127.0.0.1:1/v1"],
        ["chat", "--model-url", "http://127.0.0.1:1/v1", "--model", "m", "--timeout", "0"],
        ["chat", "--model-url", "http://127.0.0.1:1/v1", "--model", "m", "--session", ""],
        ["store", "check"], ["store", "check", "memory"], ["store", "check", "http://127.0.0.1"],
        ["store", "acl", "--user", "a b"],
        ["upstream", "--port", "65536"], ["upstream", "--latency", "-1"], ["upstream", "--tokens", "x"],
    ])
    func `wrong arguments are told with status 64 and where help is`(_ arguments: [String]) async throws {
        let outcome = try await CommandProcess.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: "))
        #expect(outcome.error.contains("--help"))
    }

    @Test func `help has examples, and the version is told`() async throws {
        let commands = [[], ["demo"], ["chat"], ["upstream"], ["store"], ["store", "check"], ["store", "acl"]]
        for arguments in commands.map({ $0 + ["--help"] }) {
            let outcome = try await CommandProcess.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("EXAMPLES:"))
        }
        let version = try await CommandProcess.run(["--version"])
        #expect(version.status == 0)
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}
