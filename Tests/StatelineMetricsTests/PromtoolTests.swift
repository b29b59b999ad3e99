import CoreMetrics
import Foundation
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineMetrics

@Suite struct PromtoolTests {
    @Test func `promtool finds nothing to mend in a page of real turns`() async throws {
        let counted = Counted()
        let usage = Usage(input: .init(totalTokenCount: 9, cachedTokenCount: 1), output: .init(totalTokenCount: 2))
        let model = counted.model([counted.slow("a", usage: usage), .failing(.invalidUTF8)])
        let session = try await counted.boundary.session(SessionKey("s"), model: model)
        try await session.respond(to: "1")
        await #expect(throws: SessionError.self) { try await session.respond(to: "2") }
        let (status, output) = try await check(counted.exporter.text())
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test func `promtool finds what is wrong with a page`() async throws {
        let (status, _) = try await check("demo{a=\"1} 2\n")
        #expect(status != 0)
    }

    @Test func `every metric of the table is on the page under its name, with a help`() async throws {
        let counted = Counted()
        let session = try await counted.boundary.session(SessionKey("s"), model: counted.model([.text("a")]))
        try await session.respond(to: "1")
        let page = counted.exporter.text()
        for definition in MetricDefinition.turns {
            let heads = [true, false]
                .map { "# HELP \(PrometheusText.name(definition, isCounter: $0)) \(definition.help)\n" }
            #expect(heads.contains { page.contains($0) }, "\(definition.name)")
        }
    }

    /// Returns the findings of `promtool check metrics` on a page.
    private func check(_ page: String) async throws -> (status: Int32, output: String) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let path = folders.map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        let promtool = try #require(path, "promtool was not found: RUNLEVEL=1 apt-get install prometheus")
        let folder = FileManager.default.temporaryDirectory.appending(path: "promtool-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "page"), folder.appending(path: "output"))
        try Data(page.utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: promtool)
        process.arguments = ["check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let handle = try FileHandle(forWritingTo: output)
        (process.standardOutput, process.standardError) = (handle, handle)
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try ProcessLaunch.alone { try process.run() }
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return (status, try String(contentsOf: output, encoding: .utf8))
    }
}
