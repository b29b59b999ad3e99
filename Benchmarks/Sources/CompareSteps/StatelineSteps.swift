internal import Measurement
internal import Stateline
internal import StatelineMemory
internal import StatelineRedis
internal import StatelineTesting

/// Turns of ours on one store, each of a session of its own.
final class StatelineSteps: StepContender {
    /// The store.
    let storage: StepStorage
    private let server: RedisServer?
    private let store: RedisStore?
    private let driver: TurnSteps
    private var number = 0
    /// A turn is short, so several are measured together.
    private let turns = 4

    /// Opens a store: a server's, or one in memory.
    init(_ storage: StepStorage, server: RedisServer?) throws {
        self.storage = storage
        self.server = server
        store = try server.map { RedisStore(try RedisURL("redis://127.0.0.1:\($0.port)")) }
        driver = TurnSteps(boundary: store.map { Boundary(store: $0) } ?? Boundary(store: MemoryStore()))
    }

    var name: String { storage.name }

    func measure(steps: Int) async throws -> StepCost {
        let server = try serverCPU()
        let (cpu, start) = (CPUClock.now, ContinuousClock.now)
        for _ in 0..<turns { try await turn(of: steps, by: driver) }
        let taken = ContinuousClock.now - start
        let spent = CPUClock.now - cpu
        let total = StepCost(
            milliseconds: taken / .milliseconds(1),
            cpu: spent / .milliseconds(1) + (try serverCPU()) - server
        )
        return total / (steps * turns)
    }

    /// Runs a turn through a proxy and returns the number of round trips for each step.
    func countRequests(steps: Int) async throws -> Double? {
        guard let server else { return nil }
        return try await FaultProxy.run(to: .port(server.port)) { proxy in
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(proxy.port)"))
            let driver = TurnSteps(boundary: Boundary(store: store))
            // The first turn connects.
            try await turn(of: 2, by: driver)
            let before = proxy.counts.roundTrips
            try await turn(of: steps, by: driver)
            let count = proxy.counts.roundTrips - before
            await store.close()
            return Double(count) / Double(steps)
        }
    }

    /// Ends the connections.
    func close() async { await store?.close() }

    private func turn(of steps: Int, by driver: TurnSteps) async throws {
        number += 1
        let kept = try await driver.run(SessionKey("turn-\(number)"), steps: steps, work: StepWork(runs: nil))
        guard kept == steps else { throw MissingSteps(kept: kept, steps: steps) }
    }

    /// The server's CPU time in milliseconds.
    private func serverCPU() throws -> Double {
        guard let server else { return 0 }
        let fields = ["used_cpu_user", "used_cpu_sys"]
        return try fields.reduce(0) { try $0 + (Double(server.info($1) ?? "") ?? 0) * 1_000 }
    }
}
