import Foundation
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct StoreScriptTests {
    @Test func `no command is newer than 6.2`() async throws {
        try await RedisServer.run { server in
            let names = StoreScript.commands + ["EVALSHA", "EVAL", "GETRANGE", "SCAN", "GET", "WAIT"]
            #expect(names.contains("SETRANGE") && names.contains("PEXPIREAT"))
            for name in names {
                let lines = try server.command(["COMMAND", "DOCS", name]).split(separator: "\n").map(String.init)
                let index = try #require(lines.firstIndex(of: "since"), "\(name)")
                let version = lines[index + 1].split(separator: ".").compactMap { Int($0) }
                #expect(version.lexicographicallyPrecedes([6, 2, 1]), "\(name) is since \(lines[index + 1])")
            }
        }
    }

    @Test func `a server knows the script by the digest that we know it by`() async throws {
        try await RedisServer.run { server in
            let digest = try server.command(["SCRIPT", "LOAD", StoreScript.text])
            #expect(digest == StoreScript.digest)
        }
    }

    @Test func `redis-cli runs the text as a program`() async throws {
        try await RedisServer.run { server in
            try Self.withFile { path in
                let keys = StoredKeys(SessionKey("session"))
                let answer = try Self.output(
                    of: [
                        "redis-cli", "-s", server.socketPath, "--eval", path, keys.guardKey, keys.logKey, ",",
                        "12345678l",
                    ]
                )
                // The nonce, gone, absent.
                #expect(answer == "12345678Ga\n")
            }
        }
    }

    @Test(.enabled(if: Self.compiler != nil, "there is no luac"))
    func `a compiler of Lua takes the text`() throws {
        let compiler = try #require(Self.compiler)
        try Self.withFile { path in
            let output = try Self.output(of: [compiler, "-p", path])
            #expect(output == "")
        }
    }

    /// The first compiler of Lua 5.1 that is installed.
    private static let compiler = ["luac5.1", "luac"].first { name in (try? output(of: ["which", name])) != "" }

    private static func withFile(_ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).lua")
        try StoreScript.text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    /// Runs a program that ends soon.
    private static func output(of command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        return String(decoding: try ProcessLaunch.output(of: process), as: UTF8.self)
    }
}

extension StoreScript {
    /// The commands that the script runs.
    static var commands: [String] {
        var names: Set<String> = []
        for part in text.split(separator: "call('").dropFirst() {
            names.insert(String(part.prefix { $0 != "'" }))
        }
        return names.sorted()
    }
}
