import Foundation
import StatelineTesting
import Testing

/// What a process does that another test starts and kills: nothing in a run of the tests themselves.
@Suite struct HelperProcessTests {
    @Test(.enabled(if: HelperProcess.role == "server")) func `runs a server until it is killed`() async throws {
        try await RedisServer.run { server in
            print("server \(server.pid) \(server.folder)")
            fflush(nil)
            // Longer than the tests may take to look at it.
            try await Task.sleep(for: .seconds(600))
        }
    }
}
