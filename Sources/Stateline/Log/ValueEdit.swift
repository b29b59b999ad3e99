internal import NIOCore

/// Changes of a session's values that are committed together: reads see the changes before them.
///
/// Limits are checked at each change, so that a batch that is written is one that a session may hold.
public struct ValueEdit: Sendable {
    private let base: SessionValues
    private var edited: [String: ByteBuffer?] = [:]
    private var count: Int
    private var byteCount: Int

    init(_ base: SessionValues) {
        self.base = base
        self.count = base.count
        self.byteCount = base.byteCount
    }

    /// The changes, in the order of the stored form.
    var changes: [ValueChange] { edited.map { ValueChange(name: $0.key, value: $0.value) }.sortedByName }

    /// `true` if nothing was changed.
    public var isEmpty: Bool { edited.isEmpty }

    /// Reads a value, with the changes so far.
    ///
    /// - Throws: ``ValueError/notDecodable(name:description:)``.
    public subscript<Value>(key: SessionValueKey<Value>) -> Value? {
        get throws(ValueError) {
            guard let bytes = bytes(of: key.name) else { return nil }
            return try SessionValues.decode(Value.self, from: bytes, name: key.name)
        }
    }

    /// Sets a value.
    ///
    /// - Throws: ``ValueError``: invalidName, notEncodable, tooLarge, tooMany or totalTooLarge; nothing is changed then.
    /// - Complexity: O(*k*) in the size of the value.
    public mutating func set<Value>(_ key: SessionValueKey<Value>, to value: Value) throws(ValueError) {
        guard ValueName.isValid(key.name) else { throw .invalidName(key.name) }
        try put(SessionValues.encode(value, name: key.name), as: key.name)
    }

    /// Removes a value; nothing happens if there is none.
    public mutating func remove<Value>(_ key: SessionValueKey<Value>) {
        guard let old = bytes(of: key.name) else { return }
        count -= 1
        byteCount -= key.name.utf8.count + old.readableBytes
        edited[key.name] = .some(nil)
    }

    /// Changes a value in place, from a default if there is none.
    ///
    /// - Throws: ``ValueError``, or what the closure throws.
    public mutating func update<Value>(
        _ key: SessionValueKey<Value>,
        default initial: @autoclosure () -> Value,
        _ body: (inout Value) throws(ValueError) -> Void
    ) throws(ValueError) {
        var value = try self[key] ?? initial()
        try body(&value)
        try set(key, to: value)
    }

    /// Checks that a value is as its writer has seen it.
    ///
    /// - Throws: ``ValueError/changed(name:revision:)``.
    func expect(_ name: String, at revision: Revision) throws(ValueError) {
        let present = base[stored: name]?.revision ?? 0
        guard present == revision else { throw .changed(name: name, revision: present) }
    }

    private func bytes(of name: String) -> ByteBuffer? {
        if let changed = edited[name] { return changed }
        return base[stored: name]?.bytes
    }

    private mutating func put(_ bytes: ByteBuffer, as name: String) throws(ValueError) {
        let size = bytes.readableBytes
        guard size <= SessionValues.maximumValueSize else { throw .tooLarge(name: name, size: size) }
        let old = self.bytes(of: name)
        let count = old == nil ? count + 1 : count
        guard count <= SessionValues.maximumCount else { throw .tooMany }
        let total = byteCount + size + (old.map { -$0.readableBytes } ?? name.utf8.count)
        guard total <= SessionValues.maximumTotalSize else { throw .totalTooLarge(size: total) }
        (self.count, byteCount) = (count, total)
        edited[name] = .some(bytes)
    }
}
