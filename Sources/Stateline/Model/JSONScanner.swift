/// One pass over JSON text that is known to be UTF-8.
///
/// The bytes are handed to each step instead of being held, so that the scanner needs no lifetime of its own.
///
/// A scanner either checks alone, or makes a list of the values' extents as well. The latter reads what servers send, and
/// lets pass what harms only if it is read: a number in an odd form, and half of a surrogate pair.
struct JSONScanner {
    /// The deepest nesting of arrays and objects.
    let maximumDepth: Int
    /// The member names whose values are not read; `nil` if the scanner checks alone.
    private let unread: [String]?
    /// `true` if all bytes are ASCII.
    private let isASCII: Bool
    /// The extents of the values so far; none if the scanner checks alone.
    private(set) var extents: [JSONExtent] = []
    /// The byte that is looked at next.
    var offset = 0
    /// The number of open arrays and objects.
    private(set) var depth = 0
    /// `true` within a value that is not read.
    private var isSkipping = false
    /// The names of the open objects.
    private var names = JSONNames()

    /// Makes a scanner that checks alone.
    init(maximumDepth: Int, isASCII: Bool) {
        self.maximumDepth = maximumDepth
        self.isASCII = isASCII
        self.unread = nil
    }

    /// Makes a scanner that lists extents.
    ///
    /// - Parameters:
    ///   - maximumDepth: The deepest nesting of arrays and objects.
    ///   - isASCII: `true` if all bytes are ASCII.
    ///   - unread: The names of members whose values are not read. Within them, member names may be of any form.
    ///   - byteCount: The length of the text.
    init(maximumDepth: Int, isASCII: Bool, unread: [String], byteCount: Int) {
        self.maximumDepth = maximumDepth
        self.isASCII = isASCII
        self.unread = unread
        extents.reserveCapacity(16 + min(byteCount, 1 << 16) / 64)
    }

    /// `true` if the scanner lists extents.
    var isLenient: Bool { unread != nil }

    /// Scans one value with white space around it, and nothing else.
    mutating func scanDocument(_ bytes: Span<UInt8>) throws(JSONError) {
        skipSpace(bytes)
        try scanValue(bytes)
        skipSpace(bytes)
        guard offset == bytes.count else { throw .syntax(offset: offset) }
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated(offset: offset) }
        return bytes[offset]
    }

    mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard try peek(bytes) == byte else { throw .syntax(offset: offset) }
        offset += 1
    }

    private mutating func scanValue(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = offset
        switch try peek(bytes) {
        case UInt8(ascii: "{"):
            try scanObject(bytes)
        case UInt8(ascii: "["):
            try scanArray(bytes)
        case UInt8(ascii: "\""):
            let traits = try scanString(bytes, allowsHalves: isLenient)
            add(.string, traits, from: start)
        default:
            add(try scanWord(bytes), from: start)
        }
    }

    // MARK: Extents

    private mutating func add(_ kind: JSONExtent.Kind, _ traits: JSONExtent.Traits = [], from start: Int) {
        guard isLenient else { return }
        extents.append(
            JSONExtent(
                start: UInt32(start),
                end: UInt32(offset),
                next: UInt32(extents.count + 1),
                kind: kind,
                traits: isSkipping ? traits.union(.unread) : traits
            )
        )
    }

    /// Begins an array or object.
    ///
    /// - Returns: The place of its extent.
    private mutating func open(_ kind: JSONExtent.Kind) throws(JSONError) -> Int {
        let place = extents.count
        add(kind, from: offset)
        offset += 1
        depth += 1
        guard depth <= maximumDepth else { throw .nestedTooDeeply(limit: maximumDepth) }
        return place
    }

    private mutating func close(_ place: Int) {
        offset += 1
        depth -= 1
        guard isLenient else { return }
        extents[place].end = UInt32(offset)
        extents[place].next = UInt32(extents.count)
    }

    // MARK: Arrays and objects

    private mutating func scanArray(_ bytes: Span<UInt8>) throws(JSONError) {
        let place = try open(.array)
        skipSpace(bytes)
        guard try peek(bytes) != UInt8(ascii: "]") else { return close(place) }
        while true {
            skipSpace(bytes)
            try scanValue(bytes)
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "]") { return close(place) }
            try expect(UInt8(ascii: ","), bytes)
        }
    }

    private mutating func scanObject(_ bytes: Span<UInt8>) throws(JSONError) {
        let place = try open(.object)
        skipSpace(bytes)
        guard try peek(bytes) != UInt8(ascii: "}") else { return close(place) }
        let outer = names.open()
        while true {
            skipSpace(bytes)
            let isRead = try scanName(bytes)
            skipSpace(bytes)
            try expect(UInt8(ascii: ":"), bytes)
            skipSpace(bytes)
            if isRead || isSkipping {
                try scanValue(bytes)
            } else {
                isSkipping = true
                try scanValue(bytes)
                isSkipping = false
            }
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","), bytes)
        }
        names.close(restoring: outer)
        close(place)
    }

    /// Scans the name of a member.
    ///
    /// - Returns: `false` if the member's value is not read.
    private mutating func scanName(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard try peek(bytes) == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
        let start = offset
        let traits = try scanString(bytes, allowsHalves: isSkipping)
        add(.string, traits, from: start)
        guard !isSkipping else { return false }
        let content = start + 1..<offset - 1
        try names.add(content, isEscaped: traits.contains(.escaped), isASCII: isASCII, bytes)
        guard let unread, !unread.isEmpty else { return true }
        return !unread.contains { $0.utf8.count == content.count && JSONNames.equal(bytes, content, $0) }
    }
}
