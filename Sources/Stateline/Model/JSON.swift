#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A JSON value, as text.
///
/// ```swift
/// let value: JSON = ["city": "Bern", "days": 3]
/// ```
///
/// Two values are equal if their texts are.
public struct JSON: Hashable, Sendable {
    /// The value's text.
    public let text: String

    /// Takes a text.
    ///
    /// - Throws: ``JSONError`` if the text is not JSON that all readers understand alike.
    /// - Complexity: O(*n*) in the text's bytes.
    public init(text: String) throws(JSONError) {
        try JSONText.validate(text.utf8.span)
        self.text = text
    }

    init(unchecked text: String) {
        self.text = text
    }
}

extension JSON: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes a string.
    public init(stringLiteral value: String) { text = JSONText.quoted(value) }
    /// Makes a whole number.
    public init(integerLiteral value: Int) { text = "\(value)" }
    /// Makes a number.
    public init(floatLiteral value: Double) { text = value.isFinite ? "\(value)" : "null" }
    /// Makes `true` or `false`.
    public init(booleanLiteral value: Bool) { text = "\(value)" }
    /// Makes `null`.
    public init(nilLiteral: ()) { text = "null" }
    /// Makes an array.
    public init(arrayLiteral elements: JSON...) { text = "[\(elements.map(\.text).joined(separator: ","))]" }
    /// Makes an object, whose members have different names.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        precondition(Set(elements.map(\.0)).count == elements.count, "members of a JSON literal must have unique names")
        text = "{\(elements.map { "\(JSONText.quoted($0)):\($1.text)" }.joined(separator: ","))}"
    }
}

extension JSON: Decodable {
    /// Reads any value.
    ///
    /// The text is written anew: the order of members and the form of numbers may change.
    public init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Name.self) {
            let names = members.allKeys.sorted { $0.stringValue < $1.stringValue }
            let texts = try names.map { name in
                "\(JSONText.quoted(name.stringValue)):\(try members.decode(JSON.self, forKey: name).text)"
            }
            text = "{\(texts.joined(separator: ","))}"
        } else if var elements = try? decoder.unkeyedContainer() {
            var texts: [String] = []
            while !elements.isAtEnd { texts.append(try elements.decode(JSON.self).text) }
            text = "[\(texts.joined(separator: ","))]"
        } else {
            text = try Self.text(of: try decoder.singleValueContainer())
        }
    }

    private static func text(of value: any SingleValueDecodingContainer) throws -> String {
        if value.decodeNil() { return "null" }
        if let bool = try? value.decode(Bool.self) { return "\(bool)" }
        if let number = try? value.decode(Int.self) { return "\(number)" }
        if let number = try? value.decode(UInt64.self) { return "\(number)" }
        if let number = try? value.decode(Double.self), number.isFinite {
            // It has 38 digits, and a smaller range.
            guard let exact = try? value.decode(Decimal.self), Double("\(exact)") == number else { return "\(number)" }
            return "\(exact)"
        }
        return JSONText.quoted(try value.decode(String.self))
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}
