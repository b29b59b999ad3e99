internal import NIOCore
internal import Stateline

/// Members of a provider's object that the typed view does not hold, as they came.
///
/// Members without a value, `null` and `[]`, are left out, so that an ordinary answer has none. So are values that are no
/// JSON, because the members are sent again.
struct ExtraMembers: Sendable {
    private var members: [(name: String, value: ByteBuffer)] = []
    /// The place of each name in `members`.
    private var places: [NameKey: Int] = [:]

    /// `true` if there are none.
    var isEmpty: Bool { members.isEmpty }

    /// Adds the members of an object, except the known ones.
    ///
    /// A member that a stream brings in pieces is joined: strings and arrays grow, anything else is replaced.
    ///
    /// - Complexity: O(*n*) in the bytes of the members, independent of those added before.
    mutating func add(_ newMembers: [(name: String, value: JSONFragment)], except known: Set<String>) {
        for (name, value) in newMembers
        where !known.contains(name) && !value.isNull && !value.isEmptyArray && value.isStandard {
            let key = NameKey(name)
            if let place = places[key] {
                Self.join(&members[place].value, with: value.bytes)
            } else {
                places[key] = members.count
                members.append((name, value.bytes))
            }
        }
    }

    private static func join(_ old: inout ByteBuffer, with new: ByteBuffer) {
        let brackets = [old, new].map { $0.getInteger(at: $0.readerIndex, as: UInt8.self) }
        guard brackets[0] == brackets[1], brackets[0] == UInt8(ascii: "\"") || brackets[0] == UInt8(ascii: "[") else {
            old = new
            return
        }
        old.moveWriterIndex(to: old.writerIndex - 1)
        if brackets[0] == UInt8(ascii: "[") { old.writeInteger(UInt8(ascii: ",")) }
        old.writeImmutableBuffer(new.getSlice(at: new.readerIndex + 1, length: new.readableBytes - 1) ?? new)
    }

    /// Appends the members to an object that is not closed yet and has other members.
    func write(to buffer: inout ByteBuffer) {
        for (name, value) in members {
            buffer.writeStaticString(",")
            buffer.writeJSONString(name)
            buffer.writeStaticString(":")
            buffer.writeImmutableBuffer(value)
        }
    }
}
