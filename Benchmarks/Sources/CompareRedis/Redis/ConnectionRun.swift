internal import Foundation
internal import Measurement
@_spi(Benchmark) internal import StatelineRedis
internal import StatelineTesting

/// The transport between a client and the server.
enum Transport: String, CaseIterable {
    case unix
    case tcp
    case tls
}

/// A sender of commands.
enum Contender: String, CaseIterable {
    /// Tasks on the executor of the connection's loop.
    case onLoop = "loop executor"
    /// Tasks of the global pool.
    case onPool = "global pool"
    /// `redis-benchmark -c 1 -P K`.
    case peer = "redis-benchmark -c 1 -P K"
}

/// The cost of an operation in a run.
struct Cost {
    /// CPU of the client's process, in nanoseconds.
    let cpu: Double
    /// Time, in nanoseconds.
    let time: Double
}

/// GET of 1 KiB over one connection, at one concurrency.
struct ConnectionRun {
    /// The bytes of a value.
    static let valueBytes = 1_024
    /// The key that redis-benchmark reads.
    private static let key = "key:__rand_int__"

    let server: RedisServer
    let certificates: RedisCertificates
    let transport: Transport
    let concurrency: Int
    let operations: Int

    /// Writes the values that are read.
    func prepare() throws {
        let arguments = ["-t", "set", "-n", "1", "-c", "1", "-d", "\(Self.valueBytes)", "-q"]
        _ = try ChildProcess("redis-benchmark", target + arguments).wait()
    }

    /// Connects for ``measure(_:over:)``.
    func connect() async throws -> ConnectionProbe {
        switch transport {
        case .unix: try await ConnectionProbe(unixSocket: server.socketPath)
        case .tcp: try await ConnectionProbe(host: "127.0.0.1", port: server.port)
        case .tls:
            try await ConnectionProbe(
                host: "localhost",
                port: server.tlsPort ?? 0,
                certificates: certificates.authorityPath
            )
        }
    }

    /// The options of redis-benchmark that name the server.
    private var target: [String] {
        switch transport {
        case .unix: ["-s", server.socketPath]
        case .tcp: ["-h", "127.0.0.1", "-p", "\(server.port)"]
        case .tls:
            ["-h", "localhost", "-p", "\(server.tlsPort ?? 0)", "--tls", "--cacert", certificates.authorityPath]
        }
    }

    /// Measures the cost of an operation.
    func measure(_ contender: Contender, over probe: ConnectionProbe) async throws -> Cost {
        switch contender {
        case .onLoop: try await tasks(over: probe, on: probe.executor)
        case .onPool: try await tasks(over: probe, on: nil)
        case .peer: try peer()
        }
    }

    private func tasks(over probe: ConnectionProbe, on executor: (any TaskExecutor)?) async throws -> Cost {
        let turns = operations / concurrency
        let clock = ContinuousClock()
        let (cpu, time) = (CPUClock.now, clock.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask(executorPreference: executor) {
                    let bytes = try await probe.get(Self.key, times: turns)
                    guard bytes == turns * Self.valueBytes else { throw UnexpectedReplies(bytes: bytes) }
                }
            }
            try await group.waitForAll()
        }
        let count = Double(turns * concurrency)
        return Cost(
            cpu: (CPUClock.now - cpu).nanoseconds / count,
            time: (clock.now - time).nanoseconds / count
        )
    }

    private func peer() throws -> Cost {
        let arguments = ["-t", "get", "-c", "1", "-P", "\(concurrency)", "-n", "\(operations)", "--csv"]
        let outcome = try ChildProcess("redis-benchmark", target + arguments).wait()
        let fields = outcome.output.split(separator: "\n").last?.split(separator: ",") ?? []
        guard fields.count > 1, let rate = Double(fields[1].filter { $0 != "\"" }), rate > 0 else {
            throw ChildProcess.StartFailure(program: "redis-benchmark")
        }
        return Cost(cpu: outcome.cpu.nanoseconds / Double(operations), time: 1e9 / rate)
    }
}

/// Replies that are not the value.
struct UnexpectedReplies: Error {
    /// The number of their bytes.
    let bytes: Int
}
