/// The cost of requests to a store: round trips, bytes and times.
///
/// The log returns it as a value; only the turn bills it to stages.
package struct StoreCost: Sendable {
    /// The source of the snapshot that was found.
    private(set) var outcome = CacheOutcome.bypassed
    /// The number of requests that the store was sent.
    var roundTrips = 0
    /// The bytes of the batches that came from the store.
    var bytesRead = 0
    /// The bytes of the batches that were sent to the store.
    var bytesWritten = 0
    /// The time spent waiting for the store to load.
    var load: Duration = .zero
    /// The time spent folding the loaded batches.
    var decode: Duration = .zero
    /// The rest of the time that an opening took: looking the session up.
    var lookup: Duration = .zero

    /// Makes the cost of no request.
    package init() {}

    /// Notes the source of a snapshot.
    ///
    /// A turn may look twice: when its handle is opened and when it begins. If either asked the store, that is the
    /// outcome.
    mutating func found(_ outcome: CacheOutcome) {
        if self.outcome == .bypassed || self.outcome == .hit { self.outcome = outcome }
    }

    /// Adds the cost of another request.
    package static func += (cost: inout StoreCost, other: StoreCost) {
        if other.outcome != .bypassed { cost.found(other.outcome) }
        cost.roundTrips += other.roundTrips
        cost.bytesRead += other.bytesRead
        cost.bytesWritten += other.bytesWritten
        cost.load += other.load
        cost.decode += other.decode
        cost.lookup += other.lookup
    }
}
