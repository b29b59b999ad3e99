import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct StoreScriptTests {
    @Test(arguments: LogLayout.allCases)
    func `no command is newer than 6.2`(layout: LogLayout) async throws {
        try await RedisServer.run { server in
            let names =
                StoreScript.of(layout).commands + ["EVALSHA", "EVAL", "GETRANGE", "XRANGE", "SCAN", "GET", "WAIT"]
            #expect(names.contains("SETRANGE") && names.contains("PEXPIREAT"))
            for name in names {
                let lines = try server.command(["COMMAND", "DOCS", name]).split(separator: "\n").map(String.init)
                let index = try #require(lines.firstIndex(of: "since"), "\(name)")
                let version = lines[index + 1].split(separator: ".").compactMap { Int($0) }
                #expect(version.lexicographicallyPrecedes([6, 2, 1]), "\(name) is since \(lines[index + 1])")
            }
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `a server knows a script by the digest that we know it by`(layout: LogLayout) async throws {
        let script = StoreScript.of(layout)
        try await RedisServer.run { server in
            let digest = try server.command(["SCRIPT", "LOAD", script.text])
            #expect(digest == script.digest)
        }
    }
}

extension Script {
    /// The commands that the script runs.
    var commands: [String] {
        var names: Set<String> = []
        for part in text.split(separator: "call('").dropFirst() {
            names.insert(String(part.prefix { $0 != "'" }))
        }
        return names.sorted()
    }
}
