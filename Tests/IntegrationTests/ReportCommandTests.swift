import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct ReportCommandTests {
    /// Lends a folder with a comparison's file in it.
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let json = """
            {"cases":[{"case":"look up","peer":"other","ours":50,"theirs":100,"unit":"ns","ratio":2,"ci_low":1.9,
            "ci_high":2.1,"target":null}],"load":0.4,"machine":{"cores":2}}
            """
        try Data(json.utf8).write(to: folder.appending(path: "map.json"))
        try await body(folder)
    }

    @Test func `a load that was run is made a page and a text`() async throws {
        try await withFolder { folder in
            let load = try await CommandProcess.run([
                "load", "--workload", "chat", "--sessions", "3", "--speed", "10000", "--rate", "100", "--json",
            ])
            let (run, page) = (folder.appending(path: "run.json").path, folder.appending(path: "page.html").path)
            try Data(load.output.utf8).write(to: URL(filePath: run))
            let outcome = try await CommandProcess.run(["report", run, "--output", page])
            #expect(outcome.status == 0)
            #expect(outcome.output == "" && outcome.error == "")
            let html = try String(contentsOfFile: page, encoding: .utf8)
            #expect(html.hasPrefix("<!DOCTYPE html>"))
            #expect(html.contains("stateline load --workload chat --sessions 3"))
            let text = try await CommandProcess.run(["report", run, "--markdown"])
            #expect(text.status == 0)
            #expect(text.output.contains("## chat on memory"))
        }
    }

    @Test func `a page goes to standard output on request`() async throws {
        try await withFolder { folder in
            let run = folder.appending(path: "map.json").path
            let outcome = try await CommandProcess.run(["report", run, "--output", "-"])
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("<!DOCTYPE html>"))
            #expect(outcome.output.contains("ours, 2x"))
        }
    }

    @Test func `a page is written through a link, and into a pipe that stays one`() async throws {
        try await withFolder { folder in
            let run = folder.appending(path: "map.json").path
            let (page, link) = (folder.appending(path: "page.html"), folder.appending(path: "link.html"))
            try Data("old".utf8).write(to: page)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: page)
            #expect(try await CommandProcess.run(["report", run, "--output", link.path]).status == 0)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == page.path)
            #expect(try String(contentsOf: page, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
            let script = #"mkfifo "$2" && { cat "$2" & "$0" report "$1" --output "$2"; wait; test -p "$2"; }"#
            let pipe = folder.appending(path: "pipe").path
            let arguments = ["-c", script, CommandProcess.path, run, pipe]
            let outcome = try await CommandProcess.run(arguments, path: "/bin/bash")
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test func `what cannot be read or written is one line that says what to do`() async throws {
        try await withFolder { folder in
            let absent = try await CommandProcess.run(["report", "/nowhere/run.json"])
            #expect(absent.status == 1 && absent.output == "")
            #expect(absent.error.hasPrefix("stateline: cannot read /nowhere/run.json: make it with "))
            let whole = try await CommandProcess.run(["report", folder.path])
            #expect(whole.status == 1 && whole.output == "")
            #expect(whole.error == "stateline: \(folder.path) is a folder: name the files in it that are to be read\n")
            let run = folder.appending(path: "map.json").path
            let unwritten = try await CommandProcess.run(["report", run, "--output", "/nowhere/page.html"])
            #expect(unwritten.status == 1)
            #expect(unwritten.error.hasPrefix("stateline: cannot write /nowhere/page.html: "))
            let other = folder.appending(path: "other.json")
            try Data("[]".utf8).write(to: other)
            let neither = try await CommandProcess.run(["report", run, other.path, "--output", "-"])
            #expect(neither.status == 1 && neither.output == "")
            #expect(neither.error.hasPrefix("stateline: \(other.path) is neither a load nor a comparison: "))
        }
    }

    @Test(arguments: [[], ["--output", "-"], ["run.json", "--colour"]])
    func `options that cannot be are refused`(_ options: [String]) async throws {
        let outcome = try await CommandProcess.run(["report"] + options)
        #expect(outcome.status == 64 && outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: "))
    }
}
