internal import NIOCore
internal import Stateline

/// A parser of one answer of Chat Completions: one JSON object, or server-sent events.
///
/// The first bytes tell which of the two comes, whatever was asked for: servers answer a request for a stream with an
/// object, and the reverse. A byte order mark and empty lines before them are skipped. Objects that follow one another
/// without events around them are read as a stream.
struct ChatCompletionsParser: AnswerParser {
    private enum State {
        /// No byte came that tells the form. Next: `whole`, `objects`, `events`.
        case start(ByteBuffer)
        /// The one object of an answer that was not to be streamed comes, and is read at its end.
        case whole(ByteBuffer)
        /// Objects come in place of a stream. Next: `ended`.
        case objects(JSONObjects)
        /// Events come. Next: `ended`.
        case events(ServerSentEvents)
        /// The answer is complete or failed: later bytes are ignored.
        case ended
    }

    private let isStreamed: Bool
    private var state = State.start(ByteBuffer())
    private var reading: AnswerReading
    private var receivedBytes = 0

    /// Makes a parser.
    ///
    /// - Parameters:
    ///   - profile: The habits of the server.
    ///   - isStreamed: `true` if a stream was asked for.
    ///   - secrets: The texts that no error may hold.
    init(profile: ServerProfile, isStreamed: Bool, redacting secrets: Secrets) {
        self.isStreamed = isStreamed
        self.reading = AnswerReading(profile: profile, redacting: secrets)
    }

    /// `true` once the end mark, a whole answer in place of a stream, or a fault behind other parts has come.
    var isComplete: Bool { if case .ended = state { true } else { false } }

    /// `true` once the choice has its finish reason; to a strict reader, once the end mark has come.
    var hasEnded: Bool { isComplete || reading.hasEnded }

    /// `true` if the choice has its finish reason, or if the one object of the answer has its last byte.
    var isWhole: Bool {
        guard case .whole(let body) = state else { return hasEnded }
        return reading.isWhole(body)
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `ModelError` if they are a fault and nothing else. A fault behind parts ends the answer, and
    ///   ``finish()`` throws it: so all that ``partial()`` keeps was shown.
    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        receivedBytes += bytes.readableBytes
        guard case .start = state else { return try read(bytes) }
        guard case .start(var head) = exchangeState() else { return [] }
        head.append(bytes)
        guard let form = form(of: &head) else {
            state = .start(head)
            return []
        }
        state = form
        return try read(head)
    }

    /// Takes the state, so that its storage has one owner while it grows: no other copy of it may be alive then.
    private mutating func exchangeState() -> State {
        let current = state
        state = .ended
        return current
    }

    private mutating func read(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        switch exchangeState() {
        case .start, .ended:
            return []
        case .whole(var body):
            body.append(bytes)
            state = .whole(body)
            return []
        case .objects(var objects):
            let payloads = objects.append(bytes)
            state = .objects(objects)
            return try read(payloads.lazy.map { ServerSentEvent(data: $0) })
        case .events(var events):
            let read = events.append(bytes)
            state = .events(events)
            return try self.read(read)
        }
    }

    private mutating func read(_ events: some Sequence<ServerSentEvent>) throws(ModelError) -> [AnswerPart] {
        var parts: [AnswerPart] = []
        for event in events {
            parts += read(event)
            if reading.isComplete || reading.failure != nil {
                state = .ended
                break
            }
        }
        if parts.isEmpty, let failure = reading.failure { throw failure }
        return parts
    }

    private mutating func read(_ event: ServerSentEvent) -> [AnswerPart] {
        if event.isEnd {
            reading.complete()
        } else if event.isError {
            reading.read(errorEvent: event.data)
        } else if event.data.readableBytes > 0 {
            return reading.read(event.data, isStreamed: true)
        }
        return []
    }

    mutating func finish() throws(ModelError) -> Answer {
        switch exchangeState() {
        case .whole(let body):
            _ = reading.read(body, isStreamed: false)
            reading.complete()
        case .objects(let objects):
            // An object that was cut off, or that no end can mend.
            if objects.begun.readableBytes > 0 { _ = reading.read(objects.begun, isStreamed: false) }
            if !reading.hasChoice { reading.complete() }
        case .events(var events):
            if let last = events.finish() { readLast(last) }
        case .start, .ended:
            break
        }
        state = .ended
        return try reading.finish(receivedBytes: receivedBytes)
    }

    /// Reads an event that no empty line has closed.
    ///
    /// It may be cut off anywhere, so a malformed one is none.
    private mutating func readLast(_ event: ServerSentEvent) {
        var last = self
        _ = last.read(event)
        if last.reading.failure == nil || event.isError { self = last }
    }

    func partial() -> Answer? { reading.partial() }

    // MARK: The form

    /// Returns the form that the first bytes tell, and skips what stands before it; `nil` if they tell none yet.
    private func form(of head: inout ByteBuffer) -> State? {
        if head.readableBytesView.starts(with: Self.byteOrderMark) {
            head.moveReaderIndex(forwardBy: Self.byteOrderMark.count)
        } else if Self.byteOrderMark.starts(with: head.readableBytesView) {
            return nil
        }
        while let byte: UInt8 = head.getInteger(at: head.readerIndex), Self.isSpace(byte) {
            head.moveReaderIndex(forwardBy: 1)
        }
        switch head.getInteger(at: head.readerIndex, as: UInt8.self) {
        case nil: return nil
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return isStreamed ? .objects(JSONObjects()) : .whole(ByteBuffer())
        // The fields of an event, and a comment.
        case UInt8(ascii: "d"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "r"), UInt8(ascii: ":"):
            return .events(ServerSentEvents())
        case UInt8(ascii: "<"): return .whole(ByteBuffer())
        default: return isStreamed ? .events(ServerSentEvents()) : .whole(ByteBuffer())
        }
    }

    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}

extension ByteBuffer {
    /// Appends bytes; an empty buffer takes them without a copy.
    fileprivate mutating func append(_ bytes: ByteBuffer) {
        if readableBytes == 0 { self = bytes } else { writeImmutableBuffer(bytes) }
    }
}
