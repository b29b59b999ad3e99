internal import NIOCore

/// Builds one reply from its parts, which come depth first.
struct ReplyAssembly {
    /// An array that is not whole.
    private struct Frame {
        var elements: [RESPValue] = []
        let count: Int
    }

    private let limits: ReplyLimits
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
