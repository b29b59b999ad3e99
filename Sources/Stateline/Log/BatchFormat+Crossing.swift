internal import NIOCore

extension BatchFormat {
    private enum OutcomeKind: UInt8 {
        case stop = 1
        case length = 2
        case toolCalls = 3
        case contentFilter = 4
        case other = 5
        case failed = 6
        case cancelled = 7
        case abandoned = 8
        case incomplete = 9
        case brokenOff = 10
    }

    private struct CrossingFlags: OptionSet {
        let rawValue: UInt8

        static let sentAgainTokens = CrossingFlags(rawValue: 1)
        static let newTokens = CrossingFlags(rawValue: 2)
        static let answerDigest = CrossingFlags(rawValue: 4)
        static let usage = CrossingFlags(rawValue: 8)
        static let repeatedToolBytes = CrossingFlags(rawValue: 16)
        static let requestID = CrossingFlags(rawValue: 32)
        static let cost = CrossingFlags(rawValue: 64)
        static let all: CrossingFlags = [
            .sentAgainTokens, .newTokens, .answerDigest, .usage, .repeatedToolBytes, .requestID, .cost,
        ]

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ crossing: Crossing) {
            self = []
            if crossing.sentAgainTokens != nil { insert(.sentAgainTokens) }
            if crossing.newTokens != nil { insert(.newTokens) }
            if crossing.answerDigest != nil { insert(.answerDigest) }
            if crossing.usage != nil { insert(.usage) }
            if crossing.repeatedToolBytes > 0 { insert(.repeatedToolBytes) }
            if crossing.hasStoredRequestID { insert(.requestID) }
            if crossing.cost != nil { insert(.cost) }
        }
    }

    /// Writes a crossing after its length.
    static func write(_ crossing: Crossing, to buffer: inout ByteBuffer) {
        buffer.writeSized(.two) { buffer in
            buffer.writeInteger(CrossingFlags(crossing).rawValue)
            buffer.writeCount(crossing.step)
            buffer.writeText(crossing.route.provider, limit: Route.maximumStoredProviderLength)
            buffer.writeText(crossing.route.endpoint, limit: Route.maximumStoredLength)
            buffer.writeText(crossing.route.model, limit: Route.maximumStoredLength)
            buffer.writeInteger(crossing.started.milliseconds)
            buffer.writeCount(crossing.sentAgainBytes)
            buffer.writeCount(crossing.newBytes)
            crossing.requestDigest.write(to: &buffer)
            if crossing.repeatedToolBytes > 0 { buffer.writeCount(crossing.repeatedToolBytes) }
            if let tokens = crossing.sentAgainTokens { buffer.writeCount(tokens) }
            if let tokens = crossing.newTokens { buffer.writeCount(tokens) }
            buffer.writeCount(crossing.receivedBytes)
            crossing.answerDigest?.write(to: &buffer)
            if crossing.hasStoredRequestID, let id = crossing.requestID { buffer.writeText(id) }
            if let usage = crossing.usage { write(usage, to: &buffer) }
            if let cost = crossing.cost { buffer.writeCount(cost) }
            buffer.writeTime(crossing.firstByte)
            buffer.writeTime(crossing.duration)
            write(crossing.outcome, to: &buffer)
            buffer.writeExtensions(crossing.extensions)
        }
    }

    /// Reads a crossing after its length.
    static func readCrossing(from buffer: inout ByteBuffer) throws(FormatError) -> Crossing {
        var slice = try buffer.readSized("crossing")
        let flags = CrossingFlags(rawValue: try slice.readFlags(CrossingFlags.all.rawValue, "crossing's flags"))
        let step = try slice.readCount("step")
        let route = Route(
            provider: try slice.readText("provider", limit: Route.maximumStoredProviderLength),
            endpoint: try slice.readText("endpoint", limit: Route.maximumStoredLength),
            model: try slice.readText("model", limit: Route.maximumStoredLength)
        )
        var crossing = Crossing(
            step: step,
            route: route,
            started: Timestamp(milliseconds: try slice.read(Int64.self, "crossing's start")),
            sentAgainBytes: try slice.readCount("bytes sent again"),
            newBytes: try slice.readCount("new bytes"),
            requestDigest: try slice.readDigest("request's digest"),
            outcome: .abandoned
        )
        if flags.contains(.repeatedToolBytes) {
            crossing.repeatedToolBytes = try slice.readCount("repeated bytes of tools")
            guard crossing.prefixBytes >= 0 else { throw .invalid("repeated bytes of tools") }
        }
        if flags.contains(.sentAgainTokens) { crossing.sentAgainTokens = try slice.readCount("tokens sent again") }
        if flags.contains(.newTokens) { crossing.newTokens = try slice.readCount("new tokens") }
        crossing.receivedBytes = try slice.readCount("received bytes")
        if flags.contains(.answerDigest) { crossing.answerDigest = try slice.readDigest("answer's digest") }
        if flags.contains(.requestID) {
            crossing.requestID = try slice.readText("request id")
            guard crossing.hasStoredRequestID else { throw .invalid("request id") }
        }
        if flags.contains(.usage) { crossing.usage = try readUsage(from: &slice) }
        if flags.contains(.cost) { crossing.cost = try slice.readCount("cost") }
        crossing.firstByte = try slice.readTime("time to the first byte")
        crossing.duration = try slice.readTime("duration")
        crossing.outcome = try readOutcome(from: &slice)
        if slice.readableBytes > 0 { crossing.extensions = try slice.readBoundedExtensions("field of a crossing") }
        return crossing
    }

    private struct UsageFlags: OptionSet {
        let rawValue: UInt8

        static let cached = UsageFlags(rawValue: 1)
        static let reasoning = UsageFlags(rawValue: 2)
        static let all: UsageFlags = [.cached, .reasoning]
    }

    private static func write(_ usage: Usage, to buffer: inout ByteBuffer) {
        var flags: UsageFlags = []
        if usage.input.cachedTokenCount != nil { flags.insert(.cached) }
        if usage.output.reasoningTokenCount != nil { flags.insert(.reasoning) }
        buffer.writeInteger(flags.rawValue)
        buffer.writeCount(usage.input.totalTokenCount)
        if let count = usage.input.cachedTokenCount { buffer.writeCount(count) }
        buffer.writeCount(usage.output.totalTokenCount)
        if let count = usage.output.reasoningTokenCount { buffer.writeCount(count) }
    }

    private static func readUsage(from buffer: inout ByteBuffer) throws(FormatError) -> Usage {
        let flags = UsageFlags(rawValue: try buffer.readFlags(UsageFlags.all.rawValue, "usage's flags"))
        return Usage(
            input: Usage.Input(
                totalTokenCount: try buffer.readCount("input tokens"),
                cachedTokenCount: flags.contains(.cached) ? try buffer.readCount("cached tokens") : nil
            ),
            output: Usage.Output(
                totalTokenCount: try buffer.readCount("output tokens"),
                reasoningTokenCount: flags.contains(.reasoning) ? try buffer.readCount("reasoning tokens") : nil
            )
        )
    }

    private static func write(_ outcome: Crossing.Outcome, to buffer: inout ByteBuffer) {
        let (kind, text): (OutcomeKind, String?) =
            switch outcome {
            case .answered(.stop): (.stop, nil)
            case .answered(.length): (.length, nil)
            case .answered(.toolCalls): (.toolCalls, nil)
            case .answered(.contentFilter): (.contentFilter, nil)
            case .answered(.incomplete): (.incomplete, nil)
            case .answered(.other(let reason)): (.other, reason)
            case .incomplete(let code): (.brokenOff, code)
            case .failed(let code): (.failed, code)
            case .cancelled: (.cancelled, nil)
            case .abandoned: (.abandoned, nil)
            }
        buffer.writeInteger(kind.rawValue)
        if let text { buffer.writeText(text, limit: Route.maximumStoredLength) }
    }

    private static func readOutcome(from buffer: inout ByteBuffer) throws(FormatError) -> Crossing.Outcome {
        let kind = try buffer.read(UInt8.self, "outcome")
        return switch OutcomeKind(rawValue: kind) {
        case .stop: .answered(.stop)
        case .length: .answered(.length)
        case .toolCalls: .answered(.toolCalls)
        case .contentFilter: .answered(.contentFilter)
        case .incomplete: .answered(.incomplete)
        case .other: .answered(.other(try buffer.readText("finish reason", limit: Route.maximumStoredLength)))
        case .brokenOff: .incomplete(try buffer.readText("error's code", limit: Route.maximumStoredLength))
        case .failed: .failed(try buffer.readText("error's code", limit: Route.maximumStoredLength))
        case .cancelled: .cancelled
        case .abandoned: .abandoned
        case nil: throw .unsupported("outcome \(kind)")
        }
    }
}

extension Crossing {
    /// The maximum number of bytes that the texts of a route and a request id take together when they are stored.
    ///
    /// It keeps a crossing of the longest route within its 512 bytes. Usual routes leave more than 100 bytes to the id.
    fileprivate static let maximumTextLength = Route.maximumStoredProviderLength + 2 * Route.maximumStoredLength + 8

    /// `true` if there is a request id that is stored.
    ///
    /// One that is cut would name no request, so it is stored as a whole.
    fileprivate var hasStoredRequestID: Bool {
        guard let length = requestID?.utf8.count else { return false }
        let routeLength =
            min(route.provider.utf8.count, Route.maximumStoredProviderLength)
            + min(route.endpoint.utf8.count, Route.maximumStoredLength)
            + min(route.model.utf8.count, Route.maximumStoredLength)
        return routeLength + length <= Self.maximumTextLength
    }
}
