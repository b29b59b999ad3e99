/// What turns cost: what crossed to the store, and how long they took.
struct TurnCost {
    /// Round trips of each turn.
    var roundTrips: [Double] = []
    /// Bytes of each turn, in both directions.
    var bytes: [Double] = []
    /// Milliseconds of each turn.
    var milliseconds: [Double] = []
}

extension [Double] {
    /// The value in the middle; 0 of none.
    var median: Double {
        let sorted = sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
