/// A JSON Schema, as text: the form of a tool's arguments, for the model.
///
/// ```swift
/// .object(["city": .string(description: "Where?"), "days": .integer()], required: ["city"])
/// ```
///
/// Source: JSON Schema, draft 2020-12.
public struct JSONSchema: Hashable, Sendable {
    /// The schema's JSON.
    public let json: String

    private init(unchecked json: String) {
        self.json = json
    }

    /// Takes a schema that is JSON text already.
    ///
    /// - Throws: ``JSONError`` if the text is not JSON.
    public init(json: String) throws(JSONError) {
        try JSONText.validate(json.utf8.span)
        self.init(unchecked: json)
    }

    /// Returns the schema of a text.
    public static func string(description: String? = nil, oneOf values: [String] = []) -> JSONSchema {
        let options = values.isEmpty ? "" : ",\"enum\":[\(values.map(JSONText.quoted).joined(separator: ","))]"
        return simple("string", description, options)
    }

    /// Returns the schema of a whole number.
    public static func integer(description: String? = nil) -> JSONSchema { simple("integer", description) }

    /// Returns the schema of a number.
    public static func number(description: String? = nil) -> JSONSchema { simple("number", description) }

    /// Returns the schema of `true` or `false`.
    public static func boolean(description: String? = nil) -> JSONSchema { simple("boolean", description) }

    /// Returns the schema of a list.
    public static func array(of element: JSONSchema, description: String? = nil) -> JSONSchema {
        simple("array", description, ",\"items\":\(element.json)")
    }

    /// Returns the schema of an object whose properties are in the given order.
    ///
    /// - Parameters:
    ///   - properties: The properties.
    ///   - required: The names of those that must be there.
    ///   - allowsMore: `false` if there may be no other properties, as strict formats of OpenAI demand; `nil` to leave it
    ///     open.
    ///   - description: The purpose of the object.
    /// - Returns: The schema.
    public static func object(
        _ properties: KeyValuePairs<String, JSONSchema> = [:],
        required: [String] = [],
        allowsMore: Bool? = nil,
        description: String? = nil
    ) -> JSONSchema {
        let members = properties.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }.joined(separator: ",")
        let names = required.map(JSONText.quoted).joined(separator: ",")
        let rest = allowsMore.map { ",\"additionalProperties\":\($0)" } ?? ""
        return simple("object", description, ",\"properties\":{\(members)},\"required\":[\(names)]\(rest)")
    }

    private static func simple(_ type: String, _ description: String?, _ rest: String = "") -> JSONSchema {
        let text = description.map { ",\"description\":\(JSONText.quoted($0))" } ?? ""
        return JSONSchema(unchecked: "{\"type\":\"\(type)\"\(text)\(rest)}")
    }
}
