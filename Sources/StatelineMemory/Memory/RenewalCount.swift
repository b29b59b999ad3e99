internal import Stateline
internal import Synchronization

/// The number of renewals of one turn's lease.
///
/// The entries that follow each other under a session's key share it, so a renewal changes no entry.
final class RenewalCount: Sendable {
    /// The turn.
    let turn: TurnID
    private let number = Atomic<UInt64>(0)

    /// Makes a count of no renewals.
    init(of turn: TurnID) {
        self.turn = turn
    }

    /// The number of renewals.
    ///
    /// Relaxed, because no other memory depends on it.
    var value: UInt64 { number.load(ordering: .relaxed) }

    /// Counts a renewal.
    ///
    /// - Returns: The number of renewals with this one.
    func increment() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).newValue }
}
