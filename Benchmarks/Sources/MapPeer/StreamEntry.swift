internal import LockFreeMap

/// A key that is made from a stream's words.
protocol StreamKey: MapKey, Hashable {
    init(_ keys: StreamKeys, _ index: Int)
}

extension Key16: StreamKey {
    init(_ keys: StreamKeys, _ index: Int) {
        let words = unsafe keys.words(index)
        // Safety: a key has two words at least.
        unsafe self.init(words[0], words[1])
    }
}

extension Key40: StreamKey {
    init(_ keys: StreamKeys, _ index: Int) {
        // Safety: a key of 36 bytes has five words, the last of them half full.
        unsafe self.init(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(keys.words(index))[..<36]))!
    }
}

/// An entry of the tables.
///
/// The classes are not one generic class, so that the offsets of fields are constants.
protocol StreamEntry: MapEntry where Key: StreamKey {
    var content: UInt64 { get }
    init(key: Key, content: UInt64)
}

extension StreamEntry {
    /// Makes the entry of a key.
    init(_ keys: StreamKeys, _ index: Int) {
        self.init(key: Key(keys, index), content: keys.content(index))
    }
}

/// An entry with a key of 16 bytes.
final class ShortEntry: StreamEntry {
    let key: Key16
    let content: UInt64
    var weight: Int { 64 }

    init(key: Key16, content: UInt64) {
        self.key = key
        self.content = content
    }
}

/// An entry with a key of 36 bytes.
final class LongEntry: StreamEntry {
    let key: Key40
    let content: UInt64
    var weight: Int { 80 }

    init(key: Key40, content: UInt64) {
        self.key = key
        self.content = content
    }
}

/// The operations of each thread beside their keys, so that reading the stream causes no cache miss.
struct Streams<Key: StreamKey> {
    private(set) var operations: [[Operation]] = [[], []]
    private(set) var keys: [[Key]] = [[], []]

    /// Makes the keys of a thread's operations.
    mutating func open(_ thread: Int, of table: StreamKeys, _ operations: [Operation]) {
        self.operations[thread] = operations
        keys[thread] = operations.map { Key(table, $0.key) }
    }
}
