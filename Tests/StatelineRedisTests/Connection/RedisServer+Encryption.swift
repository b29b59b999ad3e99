import StatelineTesting
import Testing

extension RedisServer {
    /// Runs a server behind TLS while the body runs; cancels the test if the server was built without encryption.
    static func runEncrypted(_ options: Options, _ body: (RedisServer) async throws -> Void) async throws {
        do {
            try await run(options, body)
        } catch let error as RedisServerError where error.isMissingEncryption {
            try Test.cancel("this server was built without encryption")
        }
    }
}

extension RedisServerError {
    /// `true` if a server did not start since it has no encryption.
    fileprivate var isMissingEncryption: Bool {
        reason == .notStarted && message.contains("Missing implement of connection type tls")
    }
}
