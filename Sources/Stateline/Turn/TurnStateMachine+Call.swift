internal import Crypto
internal import NIOCore

extension TurnStateMachine {
    /// `true` if the bytes of the call that is under way are a whole answer, though their connection failed.
    var isAnswerWhole: Bool {
        switch state {
        case .calling(let call): call.isWhole
        case .open: false
        case .answered: false
        case .failed: false
        case .committing: false
        case .ended: false
        }
    }

    /// A call that is under way: its request, and the answer so far.
    struct Call: ~Copyable, Sendable {
        /// The request.
        let request: ModelRequest
        private let start: Duration
        private let previousTokens: Int?
        private let opening: Crossing
        /// The provider's name of the request, once it is known.
        var requestID: String?
        private var parser: any AnswerParser
        private var answerHash = SHA256()
        private var receivedBytes = 0
        private var firstByte: Duration?
        /// The bytes of text in the parts that were given.
        private var shownBytes = 0
        /// `true` once bytes after the answer's content were not what the dialect allows.
        private var isSpoilt = false

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
        var isComplete: Bool { isSpoilt || parser.isComplete }

        /// `true` if the content of the answer has ended.
        var hasEnded: Bool { parser.hasEnded }

        /// `true` if the bytes that came are a whole answer.
        var isWhole: Bool { parser.isWhole }

        /// Reads bytes of the answer.
        ///
        /// Bytes that the dialect does not allow end an answer whose content had ended, and cannot undo it.
        mutating func append(_ bytes: ByteBuffer, at now: Duration) throws(ModelError) -> [AnswerPart] {
            if firstByte == nil { firstByte = now }
            receivedBytes += bytes.readableBytes
            answerHash.update(bytes)
            guard !isSpoilt else { return [] }
            do throws(ModelError) {
                let parts = try parser.append(bytes)
                for case .text(let text) in parts { shownBytes += text.utf8.count }
                return parts
            } catch {
                guard parser.hasEnded else { throw error }
                isSpoilt = true
                // The parts of text before those bytes were lost with the error.
                let rest = unshownText(of: (try? parser.partial())?.text ?? "")
                shownBytes += rest.utf8.count
                return rest.isEmpty ? [] : [.text(rest)]
            }
        }

        /// Ends the answer whose bytes came.
        ///
        /// - Returns: The answer, and the end of a streamed one's text that no part has shown.
        mutating func finish() throws(ModelError) -> (answer: Answer, unshownText: String) {
            let answer = try parser.finish()
            guard request.isStreamed else { return (answer, "") }
            let texts = answer.textParts
            guard texts.reduce(0, { $0 + $1.utf8.count }) > shownBytes else { return (answer, "") }
            return (answer, unshownText(of: texts.joined()))
        }

        /// Returns the end of the answer's text that no part has shown.
        private func unshownText(of text: String) -> String {
            String(decoding: text.utf8.dropFirst(shownBytes), as: UTF8.self)
        }

        /// Returns what is left of an answer that broke off; `nil` if the call did not fail, or brought no text.
        ///
        /// Tool calls are not kept: one that broke off cannot be run, and the others belong to its step.
        func broken(by outcome: Crossing.Outcome, at now: Duration) -> BrokenAnswer? {
            guard case .failed(let code) = outcome, receivedBytes > 0, var answer = try? parser.partial() else {
                return nil
            }
            answer.finishReason = .incomplete
            answer.entries.removeAll { entry in
                switch entry.content {
                case .reasoning, .response: false
                case .instructions, .prompt, .toolCalls, .toolOutput, .compaction: true
                }
            }
            let text = answer.text
            guard !text.isEmpty else { return nil }
            return BrokenAnswer(
                answer: answer,
                unshownText: unshownText(of: text),
                crossing: crossing(.incomplete(code), usage: answer.usage, at: now)
            )
        }

        /// Returns the record of the call if it ends without an answer.
        func crossing(_ outcome: Crossing.Outcome, at now: Duration) -> Crossing {
            var crossing = opening
            crossing.outcome = outcome
            crossing.requestID = requestID
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
            var crossing = crossing(.answered(answer.finishReason), usage: answer.usage, at: now)
            if receivedBytes == 0 {
                crossing.receivedBytes = rendered.readableBytes
                crossing.answerDigest = rendered.readableBytes > 0 ? .sha256(rendered) : nil
                if firstByte == nil { crossing.firstByte = crossing.duration }
            }
            return crossing
        }

        /// Returns the record of the call with the tokens that the provider counted.
        private func crossing(_ outcome: Crossing.Outcome, usage: Usage?, at now: Duration) -> Crossing {
            var crossing = crossing(outcome, at: now)
            crossing.usage = usage
            guard let total = usage?.input.totalTokenCount else { return crossing }
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

extension Answer {
    /// The texts of the response, without refusals.
    fileprivate var textParts: [String] {
        entries.flatMap { entry in
            guard case .response(let parts) = entry.content else { return [String]() }
            return parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
    }
}
