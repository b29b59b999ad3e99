internal import Foundation

/// The output of `stateline load --json` or `Benchmarks/compare TOPIC --json`, from a file.
public struct RunFile: Sendable {
    enum Content: Sendable {
        case load(LoadReport)
        case comparison(ComparisonDocument)
    }

    /// The name in the report: the file's name without folders and extension.
    let name: String
    let content: Content

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - json: The text.
    ///   - path: The file's path, for the report and for errors.
    /// - Throws: ``ReportError``.
    /// - Complexity: O(*n*) in its size.
    public init(_ json: String, path: String) throws(ReportError) {
        let data = Data(json.utf8)
        name = URL(filePath: path).deletingPathExtension().lastPathComponent
        guard let value = try? JSONSerialization.jsonObject(with: data) else { throw .notJSON(name: path) }
        guard let keys = (value as? [String: Any])?.keys else { throw .unknownKind(name: path) }
        if keys.contains("cases") {
            content = .comparison(try Self.decode(data, path, "a comparison"))
        } else if keys.contains("intended"), keys.contains("workload") {
            let load: LoadReport = try Self.decode(data, path, "a load")
            guard load.turns > 0 else { throw .noTurns(name: path) }
            content = .load(load)
        } else {
            throw .unknownKind(name: path)
        }
    }

    private static func decode<Document: Decodable>(
        _ data: Data,
        _ path: String,
        _ kind: String
    ) throws(ReportError) -> Document {
        do {
            return try LoadReport.decoder.decode(Document.self, from: data)
        } catch {
            let place =
                switch error as? DecodingError {
                case .keyNotFound(let key, let context): context.codingPath + [key]
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                    context.codingPath
                default: [any CodingKey]()
                }
            throw .malformed(name: path, kind: kind, place: Self.name(of: place))
        }
    }

    /// Names a member as in the file; the decoder has removed underscores from keys.
    private static func name(of place: [any CodingKey]) -> String {
        place.map { key in
            key.intValue.map(String.init)
                ?? key.stringValue.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
        }
        .joined(separator: ".")
    }
}
