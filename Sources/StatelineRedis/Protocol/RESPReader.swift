internal import CHiredis
internal import NIOCore

/// A reader that parses replies with hiredis' `redisReader` and builds them with its own functions.
///
/// It adds the checks that the parser of hiredis 0.14 lacks:
///
/// - The parser moves the rest of its buffer after each reply, so it is fed a small piece at a time. A long string is
///   fed in one piece up to its end, which is known once its length was read.
/// - The parser trusts the announced length of a string. The reader checks that length in the parser's buffer before
///   more than a piece of the string is buffered.
/// - The parser skips the two bytes after a string. The reader compares them when it takes the string.
/// - The parser accepts an array of any length. The reader compares it with the limit, and reserves no memory for it.
///
/// Any violation is final. A reader is confined to one thread at a time, as the parser is.
@safe final class RESPReader {
    /// The outcome of feeding the parser.
    private enum Outcome {
        /// All replies in the bytes were passed on.
        case taken
        /// The receiver of the replies takes no more.
        case stopped
        /// The bytes are not a reply.
        case violated(ReplyViolation)
    }

    /// The number of bytes that the parser is fed at a time.
    private static let pieceBytes = 512
    /// The capacity of its buffer that the parser may keep, in bytes.
    private static let keptBytes = 64 << 10
    /// The maximum number of digits of a string's length; more would overflow.
    private static let longestLength = 18

    /// The reply under construction, at an address that the parser's functions know.
    private let assembly: UnsafeMutablePointer<ReplyAssembly>
    private let parser: UnsafeMutablePointer<redisReader>
    /// The number of bytes that are missing of a string whose length is known.
    private var missing = 0
    private var violation: ReplyViolation?
    private var isStopped = false

    /// Makes a reader.
    init(limits: ReplyLimits = ReplyLimits()) {
        unsafe assembly = .allocate(capacity: 1)
        unsafe assembly.initialize(to: ReplyAssembly(limits: limits))
        // Safety: the table of functions is never freed, and what `privdata` points to is freed after the parser.
        guard let parser = unsafe redisReaderCreateWithFunctions(replyFunctions) else {
            preconditionFailure("no memory for a parser")
        }
        unsafe self.parser = parser
        unsafe parser.pointee.maxbuf = Self.keptBytes
        unsafe parser.pointee.privdata = UnsafeMutableRawPointer(assembly)
        unsafe assembly.pointee.parser = parser
    }

    deinit {
        // Safety: the reader alone has the parser, and nothing that it points to is to be freed.
        unsafe redisReaderFree(parser)
        unsafe assembly.deinitialize(count: 1)
        unsafe assembly.deallocate()
    }

    /// The number of bytes that are held for an incomplete reply.
    var bufferedBytes: Int {
        // Safety: the parser lives as long as the reader.
        unsafe parser.pointee.len - parser.pointee.pos + assembly.pointee.bytes
    }

    /// Parses bytes that came over a connection.
    ///
    /// A string that is whole in the buffer is passed on as a slice of it. A caller that keeps a short one for long
    /// copies it.
    ///
    /// - Parameters:
    ///   - buffer: The bytes.
    ///   - body: Receives each complete reply, and returns `false` to stop reading for good.
    /// - Throws: ``ReplyViolation``, then and from then on.
    func read(_ buffer: ByteBuffer, _ body: (RESPValue) -> Bool) throws(ReplyViolation) {
        if let violation { throw violation }
        guard !isStopped else { return }
        unsafe assembly.pointee.source = buffer
        defer { unsafe assembly.pointee.source = ByteBuffer() }
        // Safety: the bytes stay where they are for the closure, and the parser copies what it is fed.
        let outcome: Outcome = unsafe buffer.withUnsafeReadableBytes { bytes in
            var begin = 0
            while begin < bytes.count {
                let end = min(begin + max(Self.pieceBytes, missing), bytes.count)
                unsafe assembly.pointee.fedBytes = end
                let outcome = unsafe feed(UnsafeRawBufferPointer(rebasing: bytes[begin..<end]), body)
                guard case .taken = outcome else { return outcome }
                begin = end
            }
            return .taken
        }
        switch outcome {
        case .taken: break
        case .stopped: isStopped = true
        case .violated(let reason):
            violation = reason
            throw reason
        }
    }

    private func feed(_ piece: UnsafeRawBufferPointer, _ body: (RESPValue) -> Bool) -> Outcome {
        // Safety: the pointer and the count are those of one buffer, bound to bytes, whichever sign these have.
        let status = unsafe redisReaderFeed(parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self), piece.count)
        guard status == REDIS_OK else { return .violated(.outOfMemory) }
        missing -= piece.count
        guard missing <= 0 else { return .taken }
        missing = 0
        while unsafe parser.pointee.pos < parser.pointee.len {
            guard unsafe redisReaderGetReply(parser, nil) == REDIS_OK else { return .violated(reason) }
            guard let reply = unsafe assembly.pointee.take() else { return lookAhead() }
            guard body(reply) else { return .stopped }
        }
        return .taken
    }

    /// Checks the bytes that the parser could not take yet.
    private func lookAhead() -> Outcome {
        // Safety: `buf` holds `len` bytes, `pos` of which are taken, until the parser is fed again.
        let (buffer, position) = unsafe (parser.pointee.buf, parser.pointee.pos)
        let unread = unsafe parser.pointee.len - position
        guard unread > 0, let buffer = unsafe buffer else { return .taken }
        let rest = unsafe UnsafeRawBufferPointer(start: buffer + position, count: unread)
        guard currentType == REDIS_REPLY_STRING else {
            // The last byte may be the first of the line's end.
            return unsafe assembly.pointee.admitsLine(of: unread - 1) ? .taken : .violated(reason)
        }
        var length = 0
        var digits = 0
        // The parser judges anything but digits, once the line is complete.
        while digits < unread, case let digit = unsafe rest[digits], (48...57).contains(digit) {
            digits += 1
            guard digits <= Self.longestLength else { return .violated(.bulkTooLong) }
            length = length * 10 + Int(digit - 48)
        }
        // Both bytes of the line's end have to be there: the string does not follow a lone one.
        guard unread > digits + 1 else { return .taken }
        guard digits > 0, unsafe rest[digits] == UInt8(ascii: "\r"), unsafe rest[digits + 1] == UInt8(ascii: "\n")
        else {
            return unread <= Self.longestLength + 2 ? .taken : .violated(.malformed)
        }
        guard unsafe assembly.pointee.admitsString(of: length) else { return .violated(reason) }
        missing = max(0, digits + 2 + length + 2 - unread)
        return .taken
    }

    /// The type of the value that the parser is in the middle of, such as `REDIS_REPLY_STRING`; -1 for none.
    private var currentType: Int32 {
        // Safety: `ridx` is an index of the stack, which is imported as a tuple of its nine tasks, or -1.
        let index = unsafe Int(parser.pointee.ridx)
        guard index >= 0 else { return -1 }
        return unsafe withUnsafeBytes(of: &parser.pointee.rstack) { stack in
            unsafe stack.assumingMemoryBound(to: redisReadTask.self)[index].type
        }
    }

    /// The reason for which the parser stopped.
    private var reason: ReplyViolation {
        // Safety: the parser lives as long as the reader.
        unsafe assembly.pointee.violation ?? (parser.pointee.err == REDIS_ERR_OOM ? .outOfMemory : .malformed)
    }
}
