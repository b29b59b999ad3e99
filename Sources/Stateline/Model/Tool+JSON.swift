#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Tool {
    /// Decodes the arguments and does the work.
    ///
    /// - Parameters:
    ///   - json: The arguments as the model wrote them. Models often write nothing for a tool without arguments: that is
    ///     the empty object.
    ///   - context: The session, the turn and the call.
    /// - Returns: The output for the model.
    /// - Throws: ``ToolError/invalidArguments(tool:description:)``, or ``ToolError/failed(tool:description:)`` if the tool
    ///   threw.
    public func call(json: String, context: ToolContext) async throws(ToolError) -> ToolResult {
        let arguments: Arguments
        do {
            arguments = try Self.arguments(json.allSatisfy(\.isWhitespace) ? "{}" : json)
        } catch {
            throw .invalidArguments(tool: name, description: String(describing: error))
        }
        do {
            return try await call(arguments: arguments, context: context).toolResult
        } catch let error as ToolError {
            throw error
        } catch {
            throw .failed(tool: name, description: String(describing: error))
        }
    }

    private static func arguments(_ text: String) throws -> Arguments {
        let json = try JSON(text: text)
        if let raw = json as? Arguments { return raw }
        return try JSONDecoder().decode(Arguments.self, from: Data(text.utf8))
    }
}
