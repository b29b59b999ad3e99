internal import CHiredis
internal import NIOCore

/// The assembly of one reply from its parts, in depth-first order.
@safe struct ReplyAssembly {
    /// An incomplete array.
    private struct Frame {
        var elements: [RESPValue] = []
        let count: Int
    }

    private let limits: ReplyLimits
    /// The parser that calls the building functions.
    var parser: UnsafeMutablePointer<redisReader>?
    /// The bytes that came last over the connection, and the number of them that the parser was fed.
    var source = ByteBuffer()
    var fedBytes = 0
    private var frames: [Frame] = []
    private var whole: RESPValue?
    private var elements = 0
    /// The size of the parts so far.
    private(set) var bytes = 0
    /// The reason for which a part was refused.
    private(set) var violation: ReplyViolation?

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// Returns the bytes of a string: a slice of ``source`` if the string is whole there, otherwise a copy.
    ///
    /// - Parameters:
    ///   - bytes: The string in the parser's buffer.
    ///   - distance: The distance from the string's start to the end of the fed bytes, which is the same in ``source``.
    /// - Returns: The slice or the copy.
    mutating func string(_ bytes: UnsafeRawBufferPointer, before distance: Int) -> ByteBuffer {
        let offset = fedBytes - distance
        guard offset >= 0, let slice = source.getSlice(at: source.readerIndex + offset, length: bytes.count) else {
            return unsafe ByteBuffer(bytes: bytes)
        }
        assert(unsafe slice.readableBytesView.elementsEqual(bytes), "a slice of something else")
        return slice
    }

    /// Adds a part that has no parts of its own.
    ///
    /// - Parameters:
    ///   - value: The part.
    ///   - size: Its size in bytes.
    /// - Returns: `true` if the limits allow it.
    mutating func append(_ value: RESPValue, size: Int) -> Bool {
        guard !frames.isEmpty else {
            whole = value
            return size <= limits.bufferedBytes || refuse(.replyTooLarge)
        }
        bytes += size + MemoryLayout<RESPValue>.stride
        guard bytes <= limits.bufferedBytes else { return refuse(.replyTooLarge) }
        frames[frames.count - 1].elements.append(value)
        closeFrames()
        return true
    }

    /// Adds the beginning of an array.
    mutating func beginArray(of count: Int) -> Bool {
        elements += count
        guard count <= limits.elements, elements <= limits.elements else { return refuse(.tooManyElements) }
        guard frames.count < limits.depth else { return refuse(.tooDeep) }
        guard count > 0 else { return append(.array([]), size: 0) }
        // The count is the server's claim, so no memory is reserved for it.
        frames.append(Frame(count: count))
        return true
    }

    /// Refuses the reply for good.
    mutating func refuse(_ reason: ReplyViolation) -> Bool {
        violation = reason
        return false
    }

    /// Checks the length of a string.
    mutating func admitsString(of length: Int) -> Bool {
        if length > limits.bulkBytes { return refuse(.bulkTooLong) }
        if length + bytes > limits.bufferedBytes { return refuse(.replyTooLarge) }
        return true
    }

    /// Checks the length of a line.
    mutating func admitsLine(of length: Int) -> Bool {
        length <= limits.lineBytes || refuse(.lineTooLong)
    }

    /// Takes the reply if it is complete.
    mutating func take() -> RESPValue? {
        guard let reply = whole else { return nil }
        whole = nil
        elements = 0
        bytes = 0
        return reply
    }

    /// Moves complete arrays into the arrays that contain them.
    private mutating func closeFrames() {
        while let last = frames.last, last.elements.count == last.count {
            frames.removeLast()
            guard !frames.isEmpty else {
                whole = .array(last.elements)
                return
            }
            frames[frames.count - 1].elements.append(.array(last.elements))
        }
    }
}
