import Foundation
import StatelineLoad
import StatelineTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct LoadCommandTests {
    private static let trace = """
        session,agent,step,in_tok,shared_tok,new_tok,out_tok,api_s,think_s
        a,main,0,1000,0,1000,50,2,0
        a,main,1,1500,960,540,50,2,9
        a,main,2,900,640,260,50,2,9
        b,main,0,100,0,100,50,2,0
        b,sub,0,100,0,100,50,2,0

        """

    private func load(_ arguments: [String]) async throws -> (status: Int32, report: LoadReport) {
        let outcome = try await CommandProcess.run(["load", "--json"] + arguments)
        #expect(outcome.error == "")
        return (outcome.status, try LoadReport(json: outcome.output))
    }

    /// Lends a file with a text in it.
    private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "trace-\(UInt64.random(in: 0 ... .max))")
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try await body(url.path)
    }

    @Test(arguments: [[], ["--cached"], ["--store", "none"], ["--closed"]])
    func `a trace is replayed, and counted to the token`(_ options: [String]) async throws {
        try await withFile(Self.trace) { path in
            let (status, report) = try await load(["--trace", path, "--speed", "10000", "--rate", "1000"] + options)
            // A machine that does something else lets the generator be late.
            #expect(status == 0 || status == 2)
            #expect(report.sessions == 2 && report.calls == 4 && report.errors == 0)
            #expect(report.sentTokens == 3500 && report.newTokens == 1000 + 500 + 260 + 100)
            #expect(report.newTokensBlocks == 1000 + 540 + 260 + 100)
            #expect(report.sentBytes == 14_000 && report.newBytes == 4 * report.newTokens)
            #expect(abs(report.amplification - 3500.0 / 1860) < 0.001)
            #expect(report.audit?.isClean == true)
            #expect(report.isClosed == (options == ["--closed"]))
        }
    }

    @Test func `a compressed trace of all agents is replayed in a server, beside a baseline`() async throws {
        try await RedisServer.run { server in
            try await withFile(Self.trace) { path in
                let gzip = try await CommandProcess.run([path], path: "/usr/bin/gzip")
                #expect(gzip.status == 0)
                defer { try? FileManager.default.removeItem(atPath: path + ".gz") }
                let (_, report) = try await load([
                    "--trace", path + ".gz", "--agent", "all", "--speed", "10000", "--rate", "1000", "--baseline",
                    "whole-state", "--store", "redis://127.0.0.1:\(server.port)",
                ])
                #expect(report.sessions == 3 && report.calls == 5 && report.errors == 0)
                #expect(report.storeBytesWritten > report.newBytes)
                #expect(report.audit?.lost == 0)
            }
            // What is left of sessions that were deleted is that they were.
            #expect(try server.command(["DBSIZE"]) == "3")
        }
    }

    @Test func `what is wrong with a trace is one line that says where`() async throws {
        try await withFile(Self.trace + "c,main,0,many,0,1,1,1,1\n") { path in
            let outcome = try await CommandProcess.run(["load", "--trace", path])
            #expect(outcome.status == 1)
            #expect(outcome.error == "stateline: line 7 of the trace: in_tok is not a number of tokens\n")
            #expect(outcome.output == "")
        }
        let outcome = try await CommandProcess.run(["load", "--trace", "/nowhere"])
        #expect(outcome.status == 1)
        #expect(outcome.error == "stateline: cannot read the trace /nowhere: check the path and its permissions\n")
    }

    @Test(arguments: [
        ["--workload", "other"], ["--speed", "0"], ["--model-time", "soon"], ["--store", "somewhere"],
        ["--rate", "-1"],
        ["--store", "none", "--baseline", "whole-state"], ["--sweep", "--closed"], ["--sessions", "0"],
        ["--workers", "0"], ["--baseline", "whole-state,other"], ["--baseline", ""], ["--live", "5"],
        ["--live", "5", "--duration", "1", "--sessions", "5"], ["--live", "5", "--duration", "1", "--closed"],
        ["--live", "5", "--duration", "1", "--workload", "hot"], ["--history", "5"],
        ["--live", "5", "--duration", "1", "--sweep"], ["--metrics", "65536"], ["--store", "none", "--metrics", "0"],
    ])
    func `an option that cannot be is refused before anything runs`(_ options: [String]) async throws {
        let outcome = try await CommandProcess.run(["load"] + options)
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: "))
    }

    @Test func `histograms are written into a folder, where there is one`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hgrm-\(UInt64.random(in: 0 ... .max))")
        let arguments = [
            "load", "--json", "--workload", "chat", "--sessions", "3", "--rate", "1000", "--speed", "10000",
            "--histograms", folder.path,
        ]
        let refused = try await CommandProcess.run(arguments)
        #expect(refused.status == 1 && refused.output == "")
        #expect(refused.error == "stateline: --histograms: no folder \(folder.path): make it first\n")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try await CommandProcess.run(arguments)
        let report = try LoadReport(json: outcome.output)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["intended.hgrm", "lateness.hgrm", "overhead.hgrm", "service.hgrm"])
        for name in names {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let count = text.split(separator: "\n").first { $0.contains("Total count") }
            #expect(count?.contains(" \(report.calls)]") == true, "\(name): \(count ?? "")")
        }
    }

    @Test func `so many sessions are live, and baselines stand beside the figures of their turns`() async throws {
        try await RedisServer.run { server in
            let (_, report) = try await load([
                "--live", "30", "--history", "200", "--duration", "1", "--speed", "300", "--workload", "chat",
                "--baseline", "raw,stateless,whole-state", "--store", "redis://127.0.0.1:\(server.port)",
            ])
            #expect(report.liveSessions == 30 && report.sessions >= 30 && report.errors == 0)
            #expect(report.audit?.lost == 0 && report.calls > 0)
            #expect(report.overhead.count == report.calls)
            let trips = report.baselines.map { "\($0.kind.rawValue) \($0.roundTrips)" }
            #expect(trips == ["whole-state \(2 * report.calls)", "raw \(report.calls)", "stateless \(report.calls)"])
            #expect(report.baselines.last?.bytesWritten == report.sentBytes)
        }
    }

    @Test func `a server that is not there fails the load at once, and not each of its turns`() async throws {
        let outcome = try await CommandProcess.run([
            "load", "--workload", "chat", "--rate", "10", "--duration", "600", "--store", "redis://127.0.0.1:1",
        ])
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.error.contains("could not connect to the server"))
    }

    @Test func `a load in which no turn ended measured nothing, and says what to do`() async throws {
        let outcome = try await CommandProcess.run(["load", "--rate", "0.001", "--duration", "0.2"])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("held       0 sessions, 0 turns"))
        #expect(outcome.error.hasPrefix("stateline: no turn ended: raise --rate"))
    }

    @Test func `an interrupted load writes its report`() async throws {
        let process = try CommandProcess.inTerminal([
            "load", "--workload", "chat", "--rate", "50", "--duration", "600", "--speed", "100",
        ])
        // The line of progress tells that it is under way.
        try await process.expect("turns")
        try process.send("\u{3}")
        let outcome = try await process.outcome()
        #expect(outcome.status == 130)
        #expect(outcome.output.contains("intended"))
        #expect(outcome.output.contains("0 lost, 0 duplicated, 0 reordered, 0 foreign"))
    }

    @Test func `a sweep whose first rate is too much says so`() async throws {
        let outcome = try await CommandProcess.run([
            "load", "--workload", "chat", "--sweep", "--rate", "40", "--duration", "0.2", "--model-time", "5", "--slo",
            "1",
        ])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("40.00/s: p50 "))
        #expect(outcome.output.hasSuffix("exceeds the objective\n"))
        #expect(outcome.error.hasPrefix("stateline: no rate passes: 40.00 sessions a second"))
    }
}
