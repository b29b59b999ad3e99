internal import CHiredis
internal import NIOCore

/// Builds one reply from its parts, which come depth first.
@safe struct ReplyAssembly {
    /// An array that is not whole.
    private struct Frame {
        var elements: [RESPValue] = []
        let count: Int
    }

    private let limits: ReplyLimits
    /// Who calls the functions that build.
    var parser: UnsafeMutablePointer<redisReader>?
    /// What came over the connection last, and how much of it the parser was fed.
    var source = ByteBuffer()
    var fedBytes = 0
    private var frames: [Frame] = []
    private var whole: RESPValue?
    private var elements = 0
    /// What the parts so far take.
    private(set) var bytes = 0
    /// Why a part was refused.
    private(set) var violation: ReplyViolation?

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// The bytes of a string: a slice of what came where it lies there whole, else a copy.
    ///
    /// - Parameters:
    ///   - bytes: Where the parser has them.
    ///   - distance: How far before the end of what the parser was fed they begin: the same there as in what came.
    /// - Returns: The slice or the copy.
    mutating func string(_ bytes: UnsafeRawBufferPointer, before distance: Int) -> ByteBuffer {
        let offset = fedBytes - distance
        guard offset >= 0, let slice = source.getSlice(at: source.readerIndex + offset, length: bytes.count) else {
            return unsafe ByteBuffer(bytes: bytes)
        }
        assert(unsafe slice.readableBytesView.elementsEqual(bytes), "a slice of something else")
        return slice
    }

    /// Takes a part that holds no others.
    ///
    /// - Parameters:
    ///   - value: The part.
    ///   - size: How many bytes it holds.
    /// - Returns: Whether the limits allow it.
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

    /// Takes the beginning of an array.
    mutating func beginArray(of count: Int) -> Bool {
        elements += count
        guard count <= limits.elements, elements <= limits.elements else { return refuse(.tooManyElements) }
        guard frames.count < limits.depth else { return refuse(.tooDeep) }
        guard count > 0 else { return append(.array([]), size: 0) }
        // Nothing is reserved: the count is the server's word.
        frames.append(Frame(count: count))
        return true
    }

    /// Refuses what comes; it stays so.
    mutating func refuse(_ reason: ReplyViolation) -> Bool {
        violation = reason
        return false
    }

    /// Whether a string of this length may come.
    mutating func admitsString(of length: Int) -> Bool {
        if length > limits.bulkBytes { return refuse(.bulkTooLong) }
        if length + bytes > limits.bufferedBytes { return refuse(.replyTooLarge) }
        return true
    }

    /// Whether a line of this length may come.
    mutating func admitsLine(of length: Int) -> Bool {
        length <= limits.lineBytes || refuse(.lineTooLong)
    }

    /// Takes the reply out, if it is whole.
    mutating func take() -> RESPValue? {
        guard let reply = whole else { return nil }
        whole = nil
        elements = 0
        bytes = 0
        return reply
    }

    /// Puts arrays that became whole into those that they lie in.
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
