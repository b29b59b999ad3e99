internal import Foundation

extension LoadReport {
    /// Reads a report that ``json`` wrote.
    ///
    /// - Throws: `DecodingError`.
    /// - Complexity: O(*n*) in its size.
    public init(json: String) throws {
        self = try Self.decoder.decode(LoadReport.self, from: Data(json.utf8))
    }

    /// One object, its keys in the order of the alphabet.
    ///
    /// - Throws: The encoder's error; it has no reason to.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
