internal import ArgumentParser
internal import Measurement
@_spi(Benchmark) internal import StatelineRedis
internal import StatelineTesting

/// Compares our connection with redis-benchmark, which sends a prepared buffer and does not parse replies.
struct RedisTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis",
        abstract: "GET of 1 KiB through our connection, beside redis-benchmark -c 1 -P K."
    )

    @OptionGroup var options: RunOptions

    @Option(help: "Only this: unix, tcp or tls, or commit for the server's part of a commit.")
    var only: String?

    func validate() throws {
        guard only.map({ Transport(rawValue: $0) != nil || $0 == Self.commit }) ?? true else {
            throw ValidationError("there is no '\(only ?? "")': unix, tcp, tls or commit")
        }
    }

    func run() async throws {
        let load = Machine.load
        let cases = try await RedisCertificates.run { certificates in
            var server = RedisServer.Options()
            server.tls = certificates
            return try await RedisServer.run(server) { server in
                var cases: [Report.Case] = []
                for transport in Transport.allCases where only.map({ $0 == transport.rawValue }) ?? true {
                    for concurrency in [1, 16, 64, 256] {
                        cases += try await compare(transport, concurrency, server, certificates)
                    }
                }
                if only.map({ $0 == Self.commit }) ?? true { cases += try await compareCommits(server) }
                return cases
            }
        }
        try options.finish(Report(cases), loadBefore: load)
    }

    private static let commit = "commit"

    /// Compares the server's cost of a commit with that of raw appends of the same number of bytes.
    private func compareCommits(_ server: RedisServer) async throws -> [Report.Case] {
        let run = try await CommitRun(to: server, operations: options.quick ? 8_000 : 16_000)
        var cpu = Samples<LogWriter>(seed: options.seed)
        var number = 0
        for block in 1...(options.quick ? 3 : 10) {
            Progress.print("commits: block \(block)")
            try await cpu.runBlock(LogWriter.allCases) { writer in
                number += 1
                return try await run.measure(writer, run: number)
            }
        }
        await run.close()
        return [LogWriter.append, .add]
            .map { peer in
                Report.Case(
                    name: "a turn of 1 KiB, 16 at a time",
                    peer: peer.rawValue,
                    ours: cpu.mean(of: .commit) / 1_000,
                    theirs: cpu.mean(of: peer) / 1_000,
                    unit: "us of server CPU",
                    ratio: cpu.ratio(of: .commit, to: peer)
                )
            }
    }

    private func compare(
        _ transport: Transport,
        _ concurrency: Int,
        _ server: RedisServer,
        _ certificates: RedisCertificates
    ) async throws -> [Report.Case] {
        let perSecond = [1: 20_000, 16: 200_000, 64: 400_000, 256: 400_000][concurrency] ?? 100_000
        let run = ConnectionRun(
            server: server,
            certificates: certificates,
            transport: transport,
            concurrency: concurrency,
            operations: perSecond / (options.quick ? 4 : 2) / concurrency * concurrency
        )
        try run.prepare()
        let probe = try await run.connect()
        for contender in Contender.allCases { _ = try await run.measure(contender, over: probe) }
        var cpu = Samples<Contender>(seed: options.seed)
        var time = Samples<Contender>(seed: options.seed)
        for block in 1...(options.quick ? 3 : 10) {
            Progress.print("\(transport), \(concurrency) at a time: block \(block)")
            var times: [Contender: [Double]] = [:]
            try await cpu.runBlock(Contender.allCases) { contender in
                let cost = try await run.measure(contender, over: probe)
                times[contender, default: []].append(cost.time)
                return cost.cpu
            }
            await time.runBlock(Contender.allCases) { times[$0]?.popLast() ?? 0 }
        }
        await probe.close()
        return cases(cpu, time, name: "\(transport), \(concurrency) at a time", concurrency)
    }

    private func cases(
        _ cpu: Samples<Contender>,
        _ time: Samples<Contender>,
        name: String,
        _ concurrency: Int
    ) -> [Report.Case] {
        let bounds = Bounds(concurrency: concurrency)
        return [Contender.onLoop, .onPool]
            .flatMap { contender in
                [
                    Report.Case(
                        name: "\(name), \(contender.rawValue)",
                        peer: Contender.peer.rawValue,
                        ours: cpu.mean(of: contender) / 1_000,
                        theirs: cpu.mean(of: .peer) / 1_000,
                        unit: "us of client CPU an op",
                        ratio: cpu.ratio(of: contender, to: .peer),
                        target: bounds.cpu(contender)
                    ),
                    Report.Case(
                        name: "\(name), \(contender.rawValue)",
                        peer: Contender.peer.rawValue,
                        ours: 1e6 / time.mean(of: contender),
                        theirs: 1e6 / time.mean(of: .peer),
                        unit: "thousand ops a second",
                        ratio: time.ratio(of: .peer, to: contender),
                        target: bounds.throughput(contender)
                    ),
                ]
            }
    }
}

/// The bounds at a concurrency: none for a single command at a time, which measures the scheduler.
private struct Bounds {
    let concurrency: Int

    func cpu(_ contender: Contender) -> Report.Bound? {
        guard contender == .onLoop, concurrency > 1 else { return nil }
        return .atMost(concurrency > 64 ? 1.6 : 1.3)
    }

    func throughput(_ contender: Contender) -> Report.Bound? {
        guard concurrency > 1 else { return nil }
        return .atLeast(contender == .onPool ? 0.45 : concurrency > 64 ? 0.65 : 0.8)
    }
}
