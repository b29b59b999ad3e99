internal import CHiredis
internal import NIOCore

/// Turns bytes into replies: hiredis' `redisReader`, which parses, with functions of ours, which build.
///
/// What the parser of hiredis 0.14 leaves out is done around it:
///
/// - It moves the rest of its buffer after each reply, so it is fed at most 4 KiB at a time; only a long string, whose
///   end is known once its length was read, is fed in one piece up to that end.
/// - It believes the length that a string is announced with: that length is looked up in its buffer before anything of
///   the string's is buffered beyond a piece.
/// - It skips the two bytes behind a string without a look: they are compared as the string is taken.
/// - It lets an array be of any length: that is compared with the limit, and nothing is reserved for it.
///
/// Any violation is final. Confined to one thread at a time, like the parser.
@safe final class RESPReader {
    /// How what was fed ended.
    private enum Outcome {
        /// All replies in it were given away.
        case taken
        /// Who takes them wants no more.
        case stopped
        /// It is not a reply.
        case violated(ReplyViolation)
    }

    /// How many bytes the parser is fed at a time.
    private static let pieceBytes = 512
    /// How many bytes of its buffer the parser may keep.
    private static let keptBytes = 64 << 10
    /// How many digits the length of a string may have: fewer than overflow.
    private static let longestLength = 18

    /// What is built: where the parser's functions find it.
    private let assembly: UnsafeMutablePointer<ReplyAssembly>
    private let parser: UnsafeMutablePointer<redisReader>
    /// How many bytes are missing of a string whose length is known.
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
        // Safety: the parser is ours alone and nobody uses it any more; nothing it points to is to be freed.
        unsafe redisReaderFree(parser)
        unsafe assembly.deinitialize(count: 1)
        unsafe assembly.deallocate()
    }

    /// How many bytes are held for a reply that is not whole.
    var bufferedBytes: Int {
        // Safety: the parser lives as long as the reader.
        unsafe parser.pointee.len - parser.pointee.pos + assembly.pointee.bytes
    }

    /// Takes what came over a connection.
    ///
    /// Strings that lie in the buffer whole are given away as slices of it: who keeps a short one for long copies it.
    ///
    /// - Parameters:
    ///   - buffer: The bytes.
    ///   - body: Is given each reply as it becomes whole; says whether to go on. If not, nothing is read any more.
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

    /// Looks at what the parser could not take yet.
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
        // Whatever is no digit is the parser's to judge, once the line is whole.
        while digits < unread, case let digit = unsafe rest[digits], (48...57).contains(digit) {
            digits += 1
            guard digits <= Self.longestLength else { return .violated(.bulkTooLong) }
            length = length * 10 + Int(digit - 48)
        }
        // Both bytes of the line's end: what follows a lone one is not the string.
        guard unread > digits + 1 else { return .taken }
        guard digits > 0, unsafe rest[digits] == UInt8(ascii: "\r"), unsafe rest[digits + 1] == UInt8(ascii: "\n")
        else {
            return unread <= Self.longestLength + 2 ? .taken : .violated(.malformed)
        }
        guard unsafe assembly.pointee.admitsString(of: length) else { return .violated(reason) }
        missing = max(0, digits + 2 + length + 2 - unread)
        return .taken
    }

    /// What the parser is in the middle of: `REDIS_REPLY_STRING` and the like, or -1.
    private var currentType: Int32 {
        // Safety: `ridx` is an index of the stack, which is imported as a tuple of its nine tasks, or -1.
        let index = unsafe Int(parser.pointee.ridx)
        guard index >= 0 else { return -1 }
        return unsafe withUnsafeBytes(of: &parser.pointee.rstack) { stack in
            unsafe stack.assumingMemoryBound(to: redisReadTask.self)[index].type
        }
    }

    /// Why the parser went no further.
    private var reason: ReplyViolation {
        // Safety: the parser lives as long as the reader.
        unsafe assembly.pointee.violation ?? (parser.pointee.err == REDIS_ERR_OOM ? .outOfMemory : .malformed)
    }
}
