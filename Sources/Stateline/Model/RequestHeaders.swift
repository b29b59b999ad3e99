/// Headers that a caller adds to requests, by name.
///
/// ```swift
/// let headers: RequestHeaders = ["OpenAI-Beta": "assistants=v2", "X-Request-Id": "42"]
/// ```
///
/// The case of a name does not matter. Descriptions and dumps show the names alone, because a value may be a secret.
public struct RequestHeaders: Sendable {
    private struct Field {
        let name: String
        let value: String
    }

    /// The fields, by name in lower case.
    private var storage: [String: Field] = [:]

    /// Makes no headers.
    public init() {}

    /// `true` if there are none.
    public var isEmpty: Bool { storage.isEmpty }

    /// The headers, in the order of their names.
    public var fields: [(name: String, value: String)] {
        storage.sorted { $0.key < $1.key }.map { ($0.value.name, $0.value.value) }
    }

    /// The value of a header; `nil` if there is none.
    public subscript(name: String) -> String? {
        get { storage[name.lowercased()]?.value }
        set { storage[name.lowercased()] = newValue.map { Field(name: name, value: $0) } }
    }

    /// Returns these headers, and of others those whose names are not among these.
    func merging(_ others: RequestHeaders) -> RequestHeaders {
        guard !others.isEmpty else { return self }
        var merged = self
        merged.storage.merge(others.storage) { own, _ in own }
        return merged
    }

    /// The first header that cannot be sent, without its value; `nil` if all can be.
    ///
    /// Source: RFC 9110, 5.5 and 5.6.2.
    var fault: String? {
        for field in fields {
            if field.name.isEmpty || !field.name.utf8.allSatisfy(Self.isTokenByte) {
                return "\(field.name.debugDescription) is not the name of a header"
            }
            if !field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) {
                return "the value of the header \(field.name) holds a control character"
            }
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension RequestHeaders: ExpressibleByDictionaryLiteral {
    /// Makes headers of a literal; of two values of one name, the last counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { self[name] = value }
    }
}

extension RequestHeaders: Hashable {
    /// Compares names, without their case, and values.
    public static func == (a: RequestHeaders, b: RequestHeaders) -> Bool {
        a.storage.mapValues(\.value) == b.storage.mapValues(\.value)
    }

    /// Hashes names, without their case, and values.
    public func hash(into hasher: inout Hasher) { hasher.combine(storage.mapValues(\.value)) }
}

extension RequestHeaders: CustomStringConvertible, CustomReflectable {
    /// The names; no value.
    public var description: String { fields.map(\.name).description }
    /// A mirror of the names.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: fields.map(\.name)) }
}
