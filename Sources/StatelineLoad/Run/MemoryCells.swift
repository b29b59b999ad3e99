internal import NIOConcurrencyHelpers
public import NIOCore

/// Whole states in this process, copied at each read and write as by a cache in another process.
public final class MemoryCells: StateCells {
    private let cells = NIOLockedValueBox<[String: ByteBuffer]>([:])

    /// Makes cells without states.
    public init() {}

    /// Returns a copy of the value under a key, or `nil` if there is none.
    ///
    /// - Complexity: O(*n*) in its size.
    public func get(_ key: String) async throws -> ByteBuffer? {
        cells.withLockedValue { $0[key] }.map { ByteBuffer(bytes: $0.readableBytesView) }
    }

    /// Sets the value under a key to a copy of a value.
    ///
    /// - Complexity: O(*n*) in its size.
    public func set(_ key: String, _ value: ByteBuffer) async throws {
        let copy = ByteBuffer(bytes: value.readableBytesView)
        cells.withLockedValue { $0[key] = copy }
    }

    /// Deletes the values under keys.
    public func delete(_ keys: [String]) async throws {
        cells.withLockedValue { cells in
            for key in keys { cells[key] = nil }
        }
    }
}
