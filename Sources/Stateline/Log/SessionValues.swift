internal import HashTreeCollections
internal import NIOCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The values of a session at one position: small typed values under string keys, beside the transcript.
///
/// An immutable value. Values are for the program and its tools; no request carries them. They are committed with a
/// turn, or apart from turns by ``ValueOwner/set(_:to:expecting:)``, and each reader of the log folds the same ones.
///
/// - Complexity: copying O(1); a lookup O(log *n*), and the decoding of the value.
public struct SessionValues: Sendable {
    /// The maximum number of bytes of a value's JSON.
    public static let maximumValueSize = 64 << 10
    /// The maximum number of values.
    public static let maximumCount = 1024
    /// The maximum number of bytes of all names and values.
    public static let maximumTotalSize = 1 << 20

    /// A value, and the batch that set it.
    struct Stored: Sendable {
        let bytes: ByteBuffer
        let revision: Revision
    }

    /// The values; immutable, so that snapshots share it.
    private final class Table: Sendable {
        let stored: TreeDictionary<String, Stored>
        let byteCount: Int
        let changed: Revision
        let held: [ValueChange]

        init(stored: TreeDictionary<String, Stored>, byteCount: Int, changed: Revision, held: [ValueChange]) {
            self.stored = stored
            self.byteCount = byteCount
            self.changed = changed
            self.held = held
        }
    }

    /// `nil` while there was no value: a session without values pays one word for them.
    private var table: Table?

    /// Makes a set without values.
    public init() {}

    /// The number of values.
    public var count: Int { table?.stored.count ?? 0 }
    /// `true` if there is no value.
    public var isEmpty: Bool { count == 0 }
    /// The bytes of all names and values.
    public var byteCount: Int { table?.byteCount ?? 0 }
    /// The revision of the newest batch that changed a value; 0 if none did.
    public var revision: Revision { table?.changed ?? 0 }
    /// The names of the values, in the order of their bytes.
    ///
    /// - Complexity: O(*n* log *n*).
    public var names: [String] { (table.map { Array($0.stored.keys) } ?? []).sorted(by: ValueName.precedes) }

    /// The changes by the steps of the open turn, which its end puts into effect or drops.
    var held: [ValueChange] { table?.held ?? [] }

    /// Reads a value.
    ///
    /// - Returns: The value; `nil` if there is none of the name.
    /// - Throws: ``ValueError/notDecodable(name:description:)`` if the stored JSON is not that of the key's type.
    /// - Complexity: O(log *n*) and O(*k*) in the size of the value, which is decoded each time.
    public subscript<Value>(key: SessionValueKey<Value>) -> Value? {
        get throws(ValueError) {
            guard let bytes = self[stored: key.name]?.bytes else { return nil }
            return try Self.decode(Value.self, from: bytes, name: key.name)
        }
    }

    /// Returns a value's JSON; `nil` if there is none of the name.
    public func json(named name: String) -> String? { self[stored: name].map { String(buffer: $0.bytes) } }

    /// Returns the revision of the batch that set a value; 0 if there is none of the name.
    ///
    /// A writer that gives it as `expecting` does not overwrite another writer's change.
    public func revision<Value>(of key: SessionValueKey<Value>) -> Revision { self[stored: key.name]?.revision ?? 0 }

    subscript(stored name: String) -> Stored? { table?.stored[name] }

    /// The approximate number of bytes that the values take in memory.
    var weight: Int {
        guard let table else { return 0 }
        return table.byteCount + 192 * table.stored.count
            + table.held.reduce(256) { $0 + 128 + ($1.value?.readableBytes ?? 0) }
    }
}

extension SessionValues {
    /// Returns the values with some changes in effect.
    ///
    /// - Complexity: O(*k* log *n*) in the number of changes.
    func applying(_ changes: [ValueChange], at revision: Revision) -> SessionValues {
        guard !changes.isEmpty else { return self }
        var stored = table?.stored ?? [:]
        var byteCount = byteCount
        for change in changes {
            let new = change.value.map { Stored(bytes: $0, revision: revision) }
            if let old = stored[change.name] { byteCount -= change.name.utf8.count + old.bytes.readableBytes }
            stored[change.name] = new
            if let new { byteCount += change.name.utf8.count + new.bytes.readableBytes }
        }
        return replacing(Table(stored: stored, byteCount: byteCount, changed: revision, held: held))
    }

    /// Returns the values with other changes held.
    func holding(_ changes: [ValueChange]) -> SessionValues {
        guard !changes.isEmpty || !held.isEmpty else { return self }
        return replacing(
            Table(stored: table?.stored ?? [:], byteCount: byteCount, changed: revision, held: changes)
        )
    }

    private func replacing(_ table: Table) -> SessionValues {
        var copy = self
        copy.table = table
        return copy
    }

    /// Returns the changes that make these values those of another revision, apart from the reserved ones.
    ///
    /// - Complexity: O(*n*) in the number of values.
    func changes(to target: SessionValues) -> [ValueChange] {
        guard table !== target.table else { return [] }
        var changes: [ValueChange] = []
        for (name, new) in target.table?.stored ?? [:] where self[stored: name]?.bytes != new.bytes {
            changes.append(ValueChange(name: name, value: new.bytes))
        }
        for (name, _) in table?.stored ?? [:] where target[stored: name] == nil {
            changes.append(ValueChange(name: name, value: nil))
        }
        return changes.filter { !ValueName.isReserved($0.name) }.sortedByName
    }

    static func encode(_ value: some Encodable, name: String) throws(ValueError) -> ByteBuffer {
        let encoder = JSONEncoder()
        // The same value is the same bytes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return ByteBuffer(bytes: try encoder.encode(value)) } catch {
            throw .notEncodable(name: name, description: String(describing: error))
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: ByteBuffer,
        name: String
    ) throws(ValueError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes.readableBytesView)) } catch {
            throw .notDecodable(name: name, description: error.fault)
        }
    }
}

extension Error {
    /// The fault that a decoder found, without the content that it was found in.
    fileprivate var fault: String {
        guard let error = self as? DecodingError else { return "it is not JSON" }
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        }
        return switch error {
        case .typeMismatch(let type, let context): "no \(type)\(place(context))"
        case .valueNotFound(let type, let context): "no \(type)\(place(context))"
        case .keyNotFound(let key, let context): "no member \(key.stringValue)\(place(context))"
        case .dataCorrupted(let context): "not valid\(place(context))"
        @unknown default: "it was not decoded"
        }
    }
}

extension [ValueChange] {
    /// The changes in the order of the stored form.
    var sortedByName: [ValueChange] { sorted { ValueName.precedes($0.name, $1.name) } }
}

extension SessionValues: Equatable {
    /// `true` if both hold the same names with the same bytes, whatever batches set them.
    ///
    /// - Complexity: O(*n*).
    public static func == (a: SessionValues, b: SessionValues) -> Bool {
        a.count == b.count && a.names.allSatisfy { a[stored: $0]?.bytes == b[stored: $0]?.bytes }
    }
}
