/// The form that the model has to give its answer.
@nonexhaustive
public enum ResponseFormat: Hashable, Sendable {
    /// Any text.
    case text
    /// A JSON object of any form. Most providers demand that the prompt says so too.
    case jsonObject
    /// JSON of a schema.
    case jsonSchema(NamedSchema)

    /// A JSON schema with the name by which the provider knows it.
    public struct NamedSchema: Hashable, Sendable {
        /// The maximum number of characters of a name.
        public static let maximumNameLength = 64

        /// The name: 1 to ``maximumNameLength`` letters and digits of ASCII, `_` and `-`.
        public let name: String
        /// The purpose of the format, for the model; `nil` for none.
        public let description: String?
        /// The schema.
        public let schema: JSONSchema
        /// `true` if the provider must let nothing through that the schema does not allow; `nil` for its default.
        ///
        /// OpenAI takes a strict schema only if each object forbids further properties and requires all of its own.
        public let isStrict: Bool?

        fileprivate init(name: String, description: String?, schema: JSONSchema, isStrict: Bool?) {
            self.name = name
            self.description = description
            self.schema = schema
            self.isStrict = isStrict
        }

        var hasValidName: Bool {
            1...Self.maximumNameLength ~= name.utf8.count
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }

    /// Returns the format of a JSON schema.
    ///
    /// - Parameters:
    ///   - name: The name by which the provider knows the schema.
    ///   - schema: The schema.
    ///   - isStrict: `true` if the provider must let nothing through that the schema does not allow; `nil` for its
    ///     default.
    ///   - description: The purpose of the format, for the model.
    /// - Returns: The format. A turn whose options have a name that no provider takes does not begin.
    public static func jsonSchema(
        _ name: String,
        _ schema: JSONSchema,
        isStrict: Bool? = nil,
        description: String? = nil
    ) -> ResponseFormat {
        .jsonSchema(NamedSchema(name: name, description: description, schema: schema, isStrict: isStrict))
    }
}
