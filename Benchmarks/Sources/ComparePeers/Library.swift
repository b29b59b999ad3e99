internal import Foundation

/// A Python library whose sessions can lie in a plain Redis.
enum Library: String, CaseIterable {
    case openAIAgents = "openai-agents"
    case langgraph = "langgraph-checkpoint-plainredis"

    /// What pip installs for all of them.
    static let requirements = "'openai-agents[redis]' langgraph langgraph-checkpoint-plainredis"

    /// Whether an interpreter has it.
    func isInstalled(for python: String) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", "import importlib.metadata as m; m.version('\(rawValue)')"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
