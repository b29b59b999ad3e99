internal import NIOCore
internal import Stateline

/// Members of a provider's object that the typed view does not hold, as they came.
///
/// Members without a value, `null` and `[]`, are left out, so that an ordinary answer has none. So are values that are no
/// JSON, because the members are sent again.
struct ExtraMembers: Sendable {
    private var members: [Member] = []
    /// The place of each name in `members`.
    private var places: [NameKey: Int] = [:]

    /// `true` if there are none.
    var isEmpty: Bool { members.isEmpty }

    /// Adds the members of an object, except the known ones.
    ///
    /// - Complexity: O(*n*) in the bytes of the members, independent of those added before.
    mutating func add(_ newMembers: [(name: String, value: JSONFragment)], except known: Set<String>) {
        for (name, value) in newMembers where !known.contains(name) { add(name, value) }
    }

    /// Adds a member.
    ///
    /// An array that a stream brings in pieces grows. Anything else replaces what came before: servers repeat members in
    /// each chunk. So does an array that is the same as the newest piece.
    ///
    /// - Complexity: O(*n*) in the bytes of the member, independent of those added before.
    mutating func add(_ name: String, _ value: JSONFragment) {
        guard !value.isNull, !value.isEmptyArray, value.isStandard else { return }
        let key = NameKey(name)
        guard let place = places[key] else {
            places[key] = members.count
            members.append(Member(name: name, value: value.bytes, newest: value.bytes))
            return
        }
        members[place].add(value.bytes)
    }

    private struct Member: Sendable {
        let name: String
        var value: ByteBuffer
        var newest: ByteBuffer

        mutating func add(_ piece: ByteBuffer) {
            let isRepeated = piece == newest
            newest = piece
            guard Self.isArray(value), Self.isArray(piece) else {
                value = piece
                return
            }
            guard !isRepeated else { return }
            value.moveWriterIndex(to: value.writerIndex - 1)
            value.writeInteger(UInt8(ascii: ","))
            value.writeImmutableBuffer(
                piece.getSlice(at: piece.readerIndex + 1, length: piece.readableBytes - 1) ?? piece
            )
        }

        private static func isArray(_ value: ByteBuffer) -> Bool {
            value.getInteger(at: value.readerIndex) == UInt8(ascii: "[")
        }
    }

    /// Appends the members to an object that is not closed yet.
    ///
    /// - Parameters:
    ///   - buffer: The buffer.
    ///   - isFirst: `true` if the object has no member yet.
    func write(to buffer: inout ByteBuffer, isFirst: inout Bool) {
        for member in members {
            if !isFirst { buffer.writeStaticString(",") }
            isFirst = false
            buffer.writeJSONString(member.name)
            buffer.writeStaticString(":")
            buffer.writeImmutableBuffer(member.value)
        }
    }
}
