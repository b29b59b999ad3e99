extension Crossing: Codable {
    private enum CodingKeys: String, CodingKey {
        case step
        case route
        case started
        case sentAgainBytes = "sent_again_bytes"
        case newBytes = "new_bytes"
        case repeatedToolBytes = "repeated_tool_bytes"
        case requestDigest = "request_digest"
        case sentAgainTokens = "sent_again_tokens"
        case newTokens = "new_tokens"
        case receivedBytes = "received_bytes"
        case answerDigest = "answer_digest"
        case requestID = "request_id"
        case usage
        case cost = "cost_millionths"
        case firstByte = "first_byte_nanoseconds"
        case duration = "duration_nanoseconds"
        case outcome
        case extensions
    }

    /// Decodes a crossing.
    ///
    /// - Throws: `DecodingError`, also for what the stored form cannot hold: counts outside 0...2^53 - 1, more repeated
    ///   bytes of tools than bytes sent again, extensions whose tags do not ascend or that are too large.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            step: try container.decodeCount(forKey: .step),
            route: try container.decode(Route.self, forKey: .route),
            started: try container.decode(Timestamp.self, forKey: .started),
            sentAgainBytes: try container.decodeCount(forKey: .sentAgainBytes),
            newBytes: try container.decodeCount(forKey: .newBytes),
            requestDigest: try container.decode(Digest.self, forKey: .requestDigest),
            outcome: try container.decode(Outcome.self, forKey: .outcome)
        )
        repeatedToolBytes = try container.decodeCountIfPresent(forKey: .repeatedToolBytes) ?? 0
        guard prefixBytes >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .repeatedToolBytes,
                in: container,
                debugDescription: "more repeated bytes of tools than bytes sent again"
            )
        }
        sentAgainTokens = try container.decodeCountIfPresent(forKey: .sentAgainTokens)
        newTokens = try container.decodeCountIfPresent(forKey: .newTokens)
        receivedBytes = try container.decodeCount(forKey: .receivedBytes)
        answerDigest = try container.decodeIfPresent(Digest.self, forKey: .answerDigest)
        requestID = try container.decodeIfPresent(String.self, forKey: .requestID)
        usage = try container.decodeIfPresent(Usage.self, forKey: .usage)
        cost = try container.decodeCountIfPresent(forKey: .cost)
        firstByte = .nanoseconds(try container.decode(Int64.self, forKey: .firstByte))
        duration = .nanoseconds(try container.decode(Int64.self, forKey: .duration))
        extensions = try container.decodeExtensions(forKey: .extensions, limit: BatchFormat.maximumExtensionSize)
    }

    /// Encodes the crossing; times are cut to whole nanoseconds, as they are stored.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(route, forKey: .route)
        try container.encode(started, forKey: .started)
        try container.encode(sentAgainBytes, forKey: .sentAgainBytes)
        try container.encode(newBytes, forKey: .newBytes)
        if repeatedToolBytes != 0 { try container.encode(repeatedToolBytes, forKey: .repeatedToolBytes) }
        try container.encode(requestDigest, forKey: .requestDigest)
        try container.encodeIfPresent(sentAgainTokens, forKey: .sentAgainTokens)
        try container.encodeIfPresent(newTokens, forKey: .newTokens)
        try container.encode(receivedBytes, forKey: .receivedBytes)
        try container.encodeIfPresent(answerDigest, forKey: .answerDigest)
        try container.encodeIfPresent(requestID, forKey: .requestID)
        try container.encodeIfPresent(usage, forKey: .usage)
        try container.encodeIfPresent(cost, forKey: .cost)
        try container.encode(firstByte.wholeNanoseconds, forKey: .firstByte)
        try container.encode(duration.wholeNanoseconds, forKey: .duration)
        try container.encode(outcome, forKey: .outcome)
        if !extensions.isEmpty { try container.encode(extensions, forKey: .extensions) }
    }
}

extension Crossing.Outcome: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind
        case finishReason = "finish_reason"
        case code
    }

    private enum Kind: String, Codable {
        case answered, incomplete, failed, cancelled, abandoned
    }

    /// Decodes an outcome.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .answered: self = .answered(try container.decode(FinishReason.self, forKey: .finishReason))
        case .incomplete: self = .incomplete(try container.decode(String.self, forKey: .code))
        case .failed: self = .failed(try container.decode(String.self, forKey: .code))
        case .cancelled: self = .cancelled
        case .abandoned: self = .abandoned
        }
    }

    /// Encodes the outcome.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .answered(let reason):
            try container.encode(Kind.answered, forKey: .kind)
            try container.encode(reason, forKey: .finishReason)
        case .incomplete(let code):
            try container.encode(Kind.incomplete, forKey: .kind)
            try container.encode(code, forKey: .code)
        case .failed(let code):
            try container.encode(Kind.failed, forKey: .kind)
            try container.encode(code, forKey: .code)
        case .cancelled: try container.encode(Kind.cancelled, forKey: .kind)
        case .abandoned: try container.encode(Kind.abandoned, forKey: .kind)
        }
    }
}
