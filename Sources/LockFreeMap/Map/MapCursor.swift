/// Where an iteration goes on.
public struct MapCursor: Hashable, Sendable {
    /// A place in the order of hashes.
    public let position: UInt64

    /// Makes a cursor from a place in the order of hashes.
    ///
    /// - Parameter position: What ``position`` was.
    public init(position: UInt64) {
        self.position = position
    }
}
