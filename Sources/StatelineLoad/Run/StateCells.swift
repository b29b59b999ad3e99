public import NIOCore

/// The storage of a baseline's whole states, such as a cache or a database.
public protocol StateCells: Sendable {
    /// Returns the value under a key, or `nil` if there is none.
    func get(_ key: String) async throws -> ByteBuffer?

    /// Sets the value under a key.
    func set(_ key: String, _ value: ByteBuffer) async throws

    /// Deletes the values under keys.
    func delete(_ keys: [String]) async throws
}

/// The whole-state baseline, which reads and writes a session's whole state for each turn.
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
