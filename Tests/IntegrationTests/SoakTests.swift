import Foundation
import StatelineLoad
import StatelineTesting
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A load that goes on for long while something fails again and again.
///
///     STATELINE_SOAK=30 swift test --filter SoakTests
///
/// `STATELINE_SOAK` is the minutes, `STATELINE_SOAK_RATE` the sessions a second of eight turns each, and `STATELINE_SEED`
/// draws the faults. The rate should be six tenths of the knee, which this finds on the machine:
///
///     stateline load --workload chat --speed 100 --model-time 5 --sweep --rate 30 --duration 15 --slo 50 \
///         --store redis://127.0.0.1:6379
@Suite(.serialized, .timeLimit(.minutes(60))) struct SoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let line = "STATELINE_SOAK=30 STATELINE_SOAK_RATE=20 swift test --filter SoakTests"

    @Test func `a load that is disturbed for long loses nothing, and holds no more memory and files than before`()
        async throws
    {
        guard let minutes = Self.environment["STATELINE_SOAK"].flatMap({ Int($0) }), minutes > 0 else {
            return print("no soak of half an hour; this runs it: \(Self.line)")
        }
        let rate = Self.environment["STATELINE_SOAK_RATE"].flatMap { Double($0) } ?? 20
        let seed = Self.environment["STATELINE_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
        print("soak: \(minutes) min, \(rate) sessions/s, STATELINE_SEED=\(seed)")
        var options = RedisServer.Options()
        options.appendOnly = true
        options.arguments = ["--appendfsync", "always"]
        try await RedisServer.run(options) { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                let process = try CommandProcess.inTerminal([
                    "load", "--json", "--workload", "chat", "--rate", "\(rate)", "--duration", "\(60 * minutes)",
                    "--speed", "10", "--model-time", "5", "--seed", "\(seed)", "--metrics", "0",
                    "--store", "redis://127.0.0.1:\(proxy.port)",
                ])
                try await process.expect("stateline: metrics at ")
                let page = try #require(URL(string: try await process.expect("/metrics") + "/metrics"))
                let faults = SoakFaults(server: server, proxy: proxy, seed: seed, minutes: minutes)
                let samples = try await withThrowingTaskGroup(of: [SoakSample].self) { group in
                    group.addTask {
                        try await faults.run()
                        return []
                    }
                    group.addTask { try await SoakSample.taken(of: page, for: .seconds(60 * minutes - 5)) }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let outcome = try await process.outcome()
                try check(outcome, rate: rate, minutes: minutes)
                try check(samples)
            }
        }
    }

    private func check(_ outcome: CommandProcess.Outcome, rate: Double, minutes: Int) throws {
        // The latencies of a disturbed load are void or not; the audit is what counts.
        #expect(outcome.status == 0 || outcome.status == 2)
        let json = try #require(outcome.output.firstRange(of: #"{""#).map { outcome.output[$0.lowerBound...] })
        let text = json.trimmingCharacters(in: .whitespacesAndNewlines)
        let report = try LoadReport(json: text)
        print("soak: \(report.turns) turns, \(report.errors) errors \(report.errorReasons) in \(report.seconds) s")
        #expect(report.audit?.isClean == true)
        #expect(report.auditFailure == nil)
        // Sessions go on after errors: of the eight turns each, some are left out while the server is away.
        #expect(Double(report.turns) > rate * Double(60 * minutes) * 4)
        // A server that keeps everything never goes back, and gives no log that is not whole.
        for words in ["went back", "corrupt", "a session is"] {
            #expect(!report.errorReasons.keys.contains { $0.contains(words) }, "\(report.errorReasons)")
        }
    }

    private func check(_ samples: [SoakSample]) throws {
        let settled = Array(samples.dropFirst(samples.count / 3))
        try #require(settled.count >= 10)
        let (first, last) = (settled.prefix(settled.count / 4), settled.suffix(settled.count / 4))
        let growth = SoakSample.slope(settled)
        let (before, after) = (SoakSample.median(first, \.files), SoakSample.median(last, \.files))
        print(
            "soak: memory \(Int(settled[0].bytes)) to \(Int(settled[settled.count - 1].bytes)) bytes, \(Int(growth)) a turn; "
                + "files \(before) to \(after), at most \(settled.map(\.files).max() ?? 0)"
        )
        // Of a session of eight turns that has ended the auditor keeps its name and where its log ends: less than 400 bytes.
        // Each batch that it kept would add 340, a history that is never let go more than 2400. An allocator goes up and
        // down by some MiB, too, which in a short run is more than all turns need.
        let turns = settled[settled.count - 1].turns - settled[0].turns
        #expect(growth * turns < 64 * turns + Double(8 << 20))
        #expect(abs(after - before) <= 2)
        #expect(try #require(settled.map(\.files).max()) <= before + 16)
    }
}

/// What a load's page said at a moment.
private struct SoakSample: Sendable {
    let turns: Double
    let bytes: Double
    let files: Double

    /// Looks at a page once a second.
    static func taken(of page: URL, for duration: Duration) async throws -> [SoakSample] {
        var samples: [SoakSample] = []
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            let (data, _) = try await URLSession.shared.data(from: page)
            samples.append(SoakSample(String(decoding: data, as: UTF8.self)))
            try await Task.sleep(for: .seconds(1))
        }
        return samples
    }

    init(_ page: String) {
        func sum(_ name: String) -> Double {
            page.split(separator: "\n").filter { $0.hasPrefix(name) }
                .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        }
        turns = sum("stateline_turn_duration_seconds_count")
        bytes = sum("process_resident_memory_bytes")
        files = sum("process_open_fds")
    }

    /// By how many bytes memory grows with each turn: the line of least squares.
    static func slope(_ samples: [SoakSample]) -> Double {
        let count = Double(samples.count)
        let (turns, bytes) = samples.reduce((0, 0)) { ($0.0 + $1.turns / count, $0.1 + $1.bytes / count) }
        let products = samples.reduce(0) { $0 + ($1.turns - turns) * ($1.bytes - bytes) }
        let squares = samples.reduce(0) { $0 + ($1.turns - turns) * ($1.turns - turns) }
        return squares > 0 ? products / squares : .infinity
    }

    static func median(_ samples: ArraySlice<SoakSample>, _ value: (SoakSample) -> Double) -> Double {
        let values = samples.map(value).sorted()
        return values[values.count / 2]
    }
}

/// What fails in a soak, and when.
private struct SoakFaults: Sendable {
    private enum Fault: CaseIterable {
        case death, standstill, lostClients, fullMemory, cutNetwork, closedPort
    }

    let server: RedisServer
    let proxy: FaultProxy
    let seed: UInt64
    let minutes: Int

    /// How long from fault to fault: half a minute in half an hour, less in less.
    private var interval: Int { min(30, max(10, minutes)) }

    /// Lets something fail again and again, each kind as often as any other, until shortly before the end.
    func run() async throws {
        var random = SeededGenerator(seed: seed)
        var deck: [Fault] = []
        let start = ContinuousClock.now
        for number in 1...max(1, (60 * minutes - 15) / interval) {
            try await Task.sleep(until: start + .seconds(number * interval))
            if ContinuousClock.now > start + .seconds(60 * minutes - 12) { break }
            if deck.isEmpty { deck = Fault.allCases.shuffled(using: &random) }
            let fault = deck.removeLast()
            let pause = Duration.seconds(1) + .milliseconds(Int.random(in: 0...4000, using: &random))
            print("soak: \(number): \(fault) for \(pause)")
            try await fail(fault, for: pause)
        }
    }

    private func fail(_ fault: Fault, for pause: Duration) async throws {
        switch fault {
        case .death:
            await server.kill()
            try await Task.sleep(for: pause)
            try await server.restart()
        case .standstill:
            await server.pause()
            try await Task.sleep(for: pause)
            server.resume()
        case .lostClients: _ = try server.command(["CLIENT", "KILL", "TYPE", "normal"])
        case .fullMemory:
            _ = try server.command(["CONFIG", "SET", "maxmemory", "1mb"])
            try await Task.sleep(for: pause)
            _ = try server.command(["CONFIG", "SET", "maxmemory", "0"])
        case .cutNetwork: await proxy.cut(.reset)
        case .closedPort:
            await proxy.refuse()
            await proxy.cut(.reset)
            try await Task.sleep(for: pause)
            try await proxy.listen()
        }
    }
}
