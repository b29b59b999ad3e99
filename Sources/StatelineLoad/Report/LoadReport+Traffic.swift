internal import Stateline

extension LoadReport {
    /// Tokens, bytes and round trips of turns: those of a turn, of turns with histories of one length, or of a run.
    public struct Traffic: Codable, Hashable, Sendable {
        /// Model calls that ended well; a turn with tools has several.
        public internal(set) var calls = 0
        /// Tokens of all requests, by the sessions' own ledgers.
        public internal(set) var sentTokens = 0
        /// Tokens of requests that had not been sent before.
        public internal(set) var newTokens = 0
        /// Tokens of requests that had not been sent before, if common tokens are counted in whole blocks.
        public internal(set) var newTokensBlocks = 0
        /// Bytes of all requests.
        public internal(set) var sentBytes = 0
        /// Bytes of requests that had not been sent before.
        public internal(set) var newBytes = 0
        /// Bytes of batches written to the store.
        public internal(set) var storeBytesWritten = 0
        /// Bytes of batches read from the store.
        public internal(set) var storeBytesRead = 0
        /// Round trips of the store.
        public internal(set) var storeRoundTrips = 0

        /// Makes traffic of nothing.
        init() {}

        /// Replay amplification in tokens, by the sessions' ledgers; 1 before anything was new.
        var replayAmplification: Double { newTokens > 0 ? Double(sentTokens) / Double(newTokens) : 1 }

        /// Replay amplification if common tokens are counted in whole blocks; 1 before anything was new.
        var replayAmplificationBlocks: Double {
            newTokensBlocks > 0 ? Double(sentTokens) / Double(newTokensBlocks) : 1
        }

        static func += (sum: inout Traffic, other: Traffic) {
            sum.calls += other.calls
            sum.sentTokens += other.sentTokens
            sum.newTokens += other.newTokens
            sum.newTokensBlocks += other.newTokensBlocks
            sum.sentBytes += other.sentBytes
            sum.newBytes += other.newBytes
            sum.storeBytesWritten += other.storeBytesWritten
            sum.storeBytesRead += other.storeBytesRead
            sum.storeRoundTrips += other.storeRoundTrips
        }
    }
}

extension LoadReport.Traffic {
    /// Reads the traffic of a turn from its trace.
    ///
    /// - Parameters:
    ///   - trace: The turn's trace.
    ///   - common: The tokens that the first request has in common with the one before, by a trace of sessions.
    init(_ trace: TurnTrace, tracedCommonTokens common: Int?) {
        for (index, crossing) in trace.crossings.enumerated() {
            let again = crossing.sentAgainTokens ?? 0
            let sent = again + (crossing.newTokens ?? 0)
            calls += 1
            sentTokens += sent
            newTokens += sent - again
            newTokensBlocks += sent - ((index == 0 ? common : nil) ?? again.wholeBlocks)
            sentBytes += crossing.requestBytes
            newBytes += crossing.newBytes
        }
        storeBytesWritten = trace.storeBytesWritten
        storeBytesRead = trace.storeBytesRead
        storeRoundTrips = trace.storeRoundTrips
    }
}

extension Int {
    /// Tokens without those of a block that is not whole.
    var wholeBlocks: Int { self - self % Corpus.blockTokens }
}
