internal import Crypto
internal import NIOCore

extension TurnStateMachine {
    /// A call that is under way: its request, and the answer so far.
    struct Call: ~Copyable, Sendable {
        /// The request.
        let request: ModelRequest
        private let start: Duration
        private let previousTokens: Int?
        private let opening: Crossing
        private var parser: any AnswerParser
        private var answerHash = SHA256()
        private var receivedBytes = 0
        private var firstByte: Duration?

        /// Begins a call.
        ///
        /// - Parameters:
        ///   - request: The request.
        ///   - crossing: The call's record, as far as it is known at the beginning.
        ///   - previousTokens: The input tokens of the request before, if this request begins with all of it and the
        ///     provider counted them.
        ///   - parser: Reads the answer.
        ///   - start: The time from the beginning of the turn to the call.
        init(
            _ request: ModelRequest,
            crossing: Crossing,
            previousTokens: Int?,
            parser: any AnswerParser,
            at start: Duration
        ) {
            self.request = request
            self.opening = crossing
            self.previousTokens = previousTokens
            self.parser = parser
            self.start = start
        }

        /// `true` if no byte after those that came can change the answer.
        var isComplete: Bool { parser.isComplete }

        /// Reads bytes of the answer.
        mutating func append(_ bytes: ByteBuffer, at now: Duration) throws(ModelError) -> [AnswerPart] {
            if firstByte == nil { firstByte = now }
            receivedBytes += bytes.readableBytes
            answerHash.update(bytes)
            return try parser.append(bytes)
        }

        /// Ends the answer whose bytes came.
        mutating func finish() throws(ModelError) -> Answer {
            try parser.finish()
        }

        /// Returns the record of the call if it ends without an answer.
        func crossing(_ outcome: Crossing.Outcome, at now: Duration) -> Crossing {
            var crossing = opening
            crossing.outcome = outcome
            crossing.receivedBytes = receivedBytes
            crossing.answerDigest = receivedBytes > 0 ? Digest(answerHash.finalize()) : nil
            crossing.duration = now - start
            crossing.firstByte = firstByte.map { $0 - start } ?? .zero
            return crossing
        }

        /// Returns the record of the call if it ends with an answer.
        ///
        /// - Parameters:
        ///   - answer: The answer.
        ///   - rendered: Its entries as the dialect sends them. An answer that came without bytes is counted by them.
        ///   - now: The time from the beginning of the turn to the end of the answer.
        /// - Returns: The record.
        func crossing(of answer: Answer, rendered: ByteBuffer, at now: Duration) -> Crossing {
            var crossing = crossing(.answered(answer.finishReason), at: now)
            if receivedBytes == 0 {
                crossing.receivedBytes = rendered.readableBytes
                crossing.answerDigest = rendered.readableBytes > 0 ? .sha256(rendered) : nil
                if firstByte == nil { crossing.firstByte = crossing.duration }
            }
            crossing.usage = answer.usage
            guard let total = answer.usage?.input.totalTokenCount else { return crossing }
            let again = previousTokens.map { min($0, total) } ?? crossing.proportion(of: total)
            crossing.sentAgainTokens = again
            crossing.newTokens = total - again
            return crossing
        }
    }
}

extension Crossing {
    /// Divides input tokens as the bytes are divided: the estimate for a request that does not begin with all of the one
    /// before.
    fileprivate func proportion(of tokens: Int) -> Int {
        guard requestBytes > 0 else { return 0 }
        return Int(exactly: (Double(tokens) * Double(sentAgainBytes) / Double(requestBytes)).rounded()) ?? tokens
    }
}
