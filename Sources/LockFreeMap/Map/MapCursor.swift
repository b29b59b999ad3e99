/// A point from which an iteration continues.
public struct MapCursor: Hashable, Sendable {
    /// The point, in the order of hashes.
    public let position: UInt64

    /// Makes a cursor from its point in the order of hashes.
    ///
    /// - Parameter position: The ``position`` of an earlier cursor.
    public init(position: UInt64) {
        self.position = position
    }
}
