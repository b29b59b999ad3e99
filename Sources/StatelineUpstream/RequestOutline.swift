#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import NIOCore

/// The places of messages in a request's body, and their tokens.
///
/// An outline depends on the body's bytes only. The common prefix of two bodies has the same outline in both, so of a
/// conversation's next request only the new messages are read.
struct RequestOutline {
    /// A message within the body.
    struct Mark: Hashable {
        /// The range of its JSON.
        var bytes: Range<Int>
        /// The role.
        var role: ChatMessage.Role
        /// Tokens of the messages up to and including this one.
        var tokens: Int
        /// Tool calls without an output after this message.
        var openCalls: [String]
    }

    /// The messages, in order.
    private(set) var marks: [Mark] = []
    /// The first byte of the array of messages, its bracket.
    private var arrayStart = 0
    /// The byte after the array of messages.
    private var arrayEnd = 0
    /// The range of the value of `tools`.
    private var tools: Range<Int> = 0..<0
    /// The range of the member `tools` with the comma before it; empty without one.
    private(set) var toolsMember: Range<Int> = 0..<0

    /// Reads the outline of a body.
    ///
    /// - Parameters:
    ///   - body: A request's body.
    ///   - earlier: The outline of another body.
    ///   - common: The number of leading bytes that both bodies have in common.
    /// - Throws: ``UpstreamFailure`` if the body is not an object with a valid list of messages.
    /// - Complexity: O(*n*) in the bytes after the last message of `earlier` that ends within `common`.
    init(of body: ByteBuffer, resuming earlier: RequestOutline? = nil, common: Int = 0) throws(UpstreamFailure) {
        if let earlier {
            self = earlier
            marks.removeAll { $0.bytes.upperBound > common }
        }
        if marks.isEmpty {
            self = RequestOutline()
            try scanObject(body)
        } else {
            // After a message comes what came after it the first time: a comma or the bracket.
            if tools.upperBound > marks[0].bytes.lowerBound { (tools, toolsMember) = (0..<0, 0..<0) }
            try scanRest(of: body)
        }
    }

    private init() {}

    /// Tokens of the request: those of its messages and of its tools.
    var tokens: Int { (marks.last?.tokens ?? 0) + TokenCount.of(byteCount: tools.count) }

    /// Returns the tokens of the messages that lie wholly within the first bytes.
    func tokens(within byteCount: Int) -> Int {
        marks.last { $0.bytes.upperBound <= byteCount }?.tokens ?? 0
    }

    /// Returns the newest message of a user and all messages after it.
    func tail(of body: ByteBuffer) throws(UpstreamFailure) -> [ChatMessage] {
        let start = marks.lastIndex { $0.role == .user } ?? marks.startIndex
        var messages: [ChatMessage] = []
        for mark in marks[start...] { messages.append(try Self.decode(ChatMessage.self, body, mark.bytes)) }
        return messages
    }

    /// Returns the body's object without its messages.
    func parameters(of body: ByteBuffer) throws(UpstreamFailure) -> ChatParameters {
        var rest = ByteBuffer()
        rest.writeImmutableBuffer(body.slice(0..<arrayStart))
        rest.writeStaticString("[]")
        rest.writeImmutableBuffer(body.slice(arrayEnd..<body.readableBytes))
        return try Self.decode(ChatParameters.self, rest, 0..<rest.readableBytes)
    }
}

extension RequestOutline {
    private mutating func scanObject(_ body: ByteBuffer) throws(UpstreamFailure) {
        var skipper = JSONSkipper()
        guard skipper.take("{", body.readableBytesUInt8Span) else { throw .notJSON }
        try scanMembers(&skipper, body, isAfterMember: false)
    }

    /// Continues after the last known message.
    private mutating func scanRest(of body: ByteBuffer) throws(UpstreamFailure) {
        var skipper = JSONSkipper(at: marks[marks.count - 1].bytes.upperBound)
        try scanMessages(&skipper, body)
        try scanMembers(&skipper, body, isAfterMember: true)
    }

    private mutating func scanMembers(
        _ skipper: inout JSONSkipper,
        _ body: ByteBuffer,
        isAfterMember: Bool
    ) throws(UpstreamFailure) {
        let bytes = body.readableBytesUInt8Span
        var isFirst = !isAfterMember
        while !skipper.take("}", bytes) {
            let start = skipper.offset
            guard isFirst || skipper.take(",", bytes) else { throw .notJSON }
            isFirst = false
            guard let key = skipper.skipValue(bytes), skipper.take(":", bytes) else { throw .notJSON }
            if body.slice(key) == ByteBuffer(string: "\"messages\"") {
                guard arrayEnd == 0 else { throw .invalidRequest("Duplicate parameter: 'messages'.") }
                guard skipper.take("[", bytes) else {
                    throw .invalidRequest("Invalid type for 'messages': expected an array of objects.")
                }
                arrayStart = skipper.offset - 1
                try scanMessages(&skipper, body)
            } else {
                guard let value = skipper.skipValue(bytes) else { throw .notJSON }
                if body.slice(key) == ByteBuffer(string: "\"tools\"") {
                    (tools, toolsMember) = (value, start..<value.upperBound)
                }
            }
        }
        guard skipper.peek(bytes) == nil else { throw .notJSON }
        guard arrayEnd != 0 else { throw .invalidRequest("Missing required parameter: 'messages'.") }
        guard let last = marks.last else {
            throw .invalidRequest("Invalid 'messages': empty array. Expected an array with minimum length 1.")
        }
        if let id = last.openCalls.first { throw .missingOutput(of: id) }
    }

    /// Reads messages up to the closing bracket; the known ones have been taken already.
    private mutating func scanMessages(
        _ skipper: inout JSONSkipper,
        _ body: ByteBuffer
    ) throws(UpstreamFailure) {
        let bytes = body.readableBytesUInt8Span
        while !skipper.take("]", bytes) {
            guard marks.isEmpty || skipper.take(",", bytes) else { throw .notJSON }
            guard skipper.peek(bytes) == UInt8(ascii: "{"), let range = skipper.skipValue(bytes) else {
                throw .invalidRequest("Invalid type for 'messages[\(marks.count)]': expected an object.")
            }
            let message = try Self.decode(ChatMessage.self, body, range)
            marks.append(
                Mark(
                    bytes: range,
                    role: message.role,
                    tokens: (marks.last?.tokens ?? 0) + message.tokens,
                    openCalls: try Self.openCalls(after: message, before: marks.last?.openCalls ?? [])
                )
            )
        }
        arrayEnd = skipper.offset
    }

    /// Checks that each tool call is answered, and nothing else.
    private static func openCalls(
        after message: ChatMessage,
        before open: [String]
    ) throws(UpstreamFailure) -> [String] {
        if message.role == .tool {
            guard let id = message.callID, open.contains(id) else {
                throw .invalidRequest(
                    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                )
            }
            return open.filter { $0 != id }
        }
        if let id = open.first { throw .missingOutput(of: id) }
        return message.role == .assistant ? (message.calls ?? []).map(\.id) : []
    }

    private static func decode<T: Decodable>(
        _ type: T.Type,
        _ body: ByteBuffer,
        _ range: Range<Int>
    ) throws(UpstreamFailure) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(body.slice(range).readableBytesView))
        } catch {
            throw .undecodable(error)
        }
    }
}

extension ByteBuffer {
    fileprivate func slice(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}

extension UpstreamFailure {
    fileprivate static let notJSON = UpstreamFailure.invalidRequest(
        "We could not parse the JSON body of your request."
    )

    fileprivate static func missingOutput(of id: String) -> UpstreamFailure {
        .invalidRequest(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                + "'tool_call_id'. The following tool_call_ids did not have response messages: \(id)"
        )
    }

    fileprivate static func undecodable(_ error: any Error) -> UpstreamFailure {
        guard let error = error as? DecodingError else { return .notJSON }
        switch error {
        case .keyNotFound(let key, _):
            return .invalidRequest("Missing required parameter: '\(key.stringValue)'.")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return .invalidRequest(
                "Invalid type for '\(context.codingPath.map(\.stringValue).joined(separator: "."))'."
            )
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return .invalidRequest(
                "Invalid value for '\(context.codingPath.map(\.stringValue).joined(separator: "."))'."
            )
        default:
            return .notJSON
        }
    }
}
