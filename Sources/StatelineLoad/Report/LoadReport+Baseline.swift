extension LoadReport {
    /// The cost of the run's turns in another design.
    public struct Baseline: Codable, Sendable {
        /// The other way.
        public enum Kind: String, Codable, CaseIterable, Sendable {
            /// Reads the session's whole state and writes it back, for each turn.
            case wholeState = "whole-state"
            /// Makes one round trip of the store that finds nothing new, after each turn.
            case raw
            /// Sends the whole history from a client without a store. It is counted and not done: its requests are the
            /// round trips, and it has no times.
            case stateless
        }

        /// The other way.
        public let kind: Kind
        /// Bytes of states written, or of requests.
        public internal(set) var bytesWritten = 0
        /// Bytes of states read.
        public internal(set) var bytesRead = 0
        /// Round trips of its store.
        public internal(set) var roundTrips = 0
        /// Operations that failed, which do not count as failures of turns.
        public internal(set) var errors = 0
        /// The time of all operations for one turn together.
        public internal(set) var times = Latencies()

        init(_ kind: Kind) {
            self.kind = kind
        }

        static func += (sum: inout Baseline, other: Baseline) {
            sum.bytesWritten += other.bytesWritten
            sum.bytesRead += other.bytesRead
            sum.roundTrips += other.roundTrips
            sum.errors += other.errors
            sum.times.add(other.times)
        }
    }

    /// Returns a baseline of the run; `nil` if the run did not measure it.
    public func baseline(_ kind: Baseline.Kind) -> Baseline? { run.baselines.first { $0.kind == kind } }
}
