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

/// Keeps a session's whole state: reads all of it, and writes all of it back, for each turn.
struct WholeState: Sendable {
    let cells: any StateCells

    /// Does the work of a turn.
    func perform(_ key: String, state: ByteBuffer) async throws -> LoadReport.Baseline {
        var cost = LoadReport.Baseline(.wholeState)
        let start = Pacer.now
        let before = try await cells.get(key)
        try await cells.set(key, state)
        cost.times.record(Pacer.now - start)
        cost.bytesRead = before?.readableBytes ?? 0
        cost.bytesWritten = state.readableBytes
        cost.roundTrips = 2
        return cost
    }
}
