public import NIOCore

/// Where a baseline keeps whole states: what most frameworks do with a cache or a database.
public protocol StateCells: Sendable {
    /// The value under a key; `nil` where there is none.
    func get(_ key: String) async throws -> ByteBuffer?

    /// Puts a value in the place of what is under a key.
    func set(_ key: String, _ value: ByteBuffer) async throws

    /// Deletes what is under keys.
    func delete(_ keys: [String]) async throws
}

/// What a baseline did, and how long it took.
struct BaselineCost: Sendable {
    var written = 0
    var read = 0
    var roundTrips = 0
    var errors = 0
    var times = Latencies()

    mutating func add(_ other: BaselineCost) {
        written += other.written
        read += other.read
        roundTrips += other.roundTrips
        errors += other.errors
        times.add(other.times)
    }
}

/// Keeps a session's whole state: reads all of it, and writes all of it back, for each step.
struct WholeState: Sendable {
    let cells: any StateCells

    /// Does what a step would.
    func perform(_ key: String, state: ByteBuffer) async throws -> BaselineCost {
        var cost = BaselineCost()
        let start = Pacer.now
        let before = try await cells.get(key)
        try await cells.set(key, state)
        cost.times.record(Pacer.now - start)
        cost.read = before?.readableBytes ?? 0
        cost.written = state.readableBytes
        cost.roundTrips = 2
        return cost
    }
}
