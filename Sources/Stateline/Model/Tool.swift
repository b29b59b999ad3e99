#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A function that a model may ask for.
///
/// The shape is that of Apple's Foundation Models, with `isIdempotent` beside it.
public protocol Tool: Sendable {
    /// What the model has to give.
    associatedtype Arguments: Decodable & Sendable

    /// The name that the model calls the tool by.
    var name: String { get }
    /// What the tool does, for the model.
    var description: String { get }
    /// What the arguments look like, for the model.
    var parameters: JSONSchema { get }
    /// Whether a call may be repeated without harm.
    var isIdempotent: Bool { get }
    /// How long a call may take; no call holds a turn for longer.
    var timeout: Duration { get }

    /// Does the work.
    ///
    /// Calls that a model asks for at once run concurrently.
    ///
    /// - Returns: What the model is told.
    func call(arguments: Arguments) async throws -> String
}

extension Tool {
    /// Not idempotent, unless the tool says so.
    public var isIdempotent: Bool { false }
    /// One minute.
    public var timeout: Duration { .seconds(60) }

    /// What the model is told of the tool.
    public var definition: ToolDefinition {
        ToolDefinition(name: name, description: description, parameters: parameters)
    }
}

/// What a model is told of a tool.
public struct ToolDefinition: Hashable, Sendable {
    /// The name that the model calls the tool by.
    public let name: String
    /// What the tool does.
    public let description: String
    /// What the arguments look like.
    public let parameters: JSONSchema

    /// Makes a definition.
    public init(name: String, description: String, parameters: JSONSchema) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

/// Why a tool call gave nothing.
@nonexhaustive
public enum ToolError: Error, Hashable, Sendable {
    /// The model asked for a tool that the session does not have.
    case unknownTool(name: String)
    /// The arguments are not JSON, or not what the tool takes.
    case invalidArguments(tool: String, description: String)
    /// The tool threw.
    case failed(tool: String, description: String)
    /// The tool did not return within its ``Tool/timeout``.
    case timedOut(tool: String, after: Duration)
}

extension ToolError: CustomStringConvertible {
    /// What happened, in one line.
    public var description: String {
        switch self {
        case .unknownTool(let name): "the model called \(name.debugDescription), which is not a tool of this session"
        case .invalidArguments(let tool, let text): "the model's arguments for \(tool) are not valid: \(text)"
        case .failed(let tool, let text): "the tool \(tool) failed: \(text)"
        case .timedOut(let tool, let limit): "the tool \(tool) did not return within \(limit)"
        }
    }
}

extension Tool {
    /// Decodes the arguments and does the work.
    ///
    /// Models often write nothing at all for a tool without arguments: that is the empty object.
    func call(json: String) async throws(ToolError) -> String {
        let arguments: Arguments
        let text = json.allSatisfy(\.isWhitespace) ? "{}" : json
        do {
            try JSONText.validate(text.utf8.span)
            arguments = try JSONDecoder().decode(Arguments.self, from: Data(text.utf8))
        } catch {
            throw .invalidArguments(tool: name, description: String(describing: error))
        }
        do {
            return try await call(arguments: arguments)
        } catch let error as ToolError {
            throw error
        } catch {
            throw .failed(tool: name, description: String(describing: error))
        }
    }
}
