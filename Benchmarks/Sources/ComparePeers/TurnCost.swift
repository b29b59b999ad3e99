/// The costs of turns: the traffic to the store, and the times.
struct TurnCost {
    /// Round trips of each turn.
    var roundTrips: [Double] = []
    /// Bytes of each turn, in both directions.
    var bytes: [Double] = []
    /// Milliseconds of each turn.
    var milliseconds: [Double] = []
}

extension [Double] {
    /// The median; 0 if there are no values.
    var median: Double {
        let sorted = sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
