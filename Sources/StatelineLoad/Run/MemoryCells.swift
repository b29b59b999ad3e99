internal import NIOConcurrencyHelpers
public import NIOCore

/// Whole states in this process: each is copied when it is read and when it is written, as a cache in another one would.
public final class MemoryCells: StateCells {
    private let cells = NIOLockedValueBox<[String: ByteBuffer]>([:])

    /// Makes one without states.
    public init() {}

    /// A copy of the value under a key; `nil` where there is none.
    ///
    /// - Complexity: O(*n*) in its size.
    public func get(_ key: String) async throws -> ByteBuffer? {
        cells.withLockedValue { $0[key] }.map { ByteBuffer(bytes: $0.readableBytesView) }
    }

    /// Puts a copy of a value in the place of what is under a key.
    ///
    /// - Complexity: O(*n*) in its size.
    public func set(_ key: String, _ value: ByteBuffer) async throws {
        let copy = ByteBuffer(bytes: value.readableBytesView)
        cells.withLockedValue { $0[key] = copy }
    }

    /// Deletes what is under keys.
    public func delete(_ keys: [String]) async throws {
        cells.withLockedValue { cells in
            for key in keys { cells[key] = nil }
        }
    }
}
