internal import Foundation

/// A Python library that keeps sessions; in a plain Redis where it can, else where its documentation has it.
enum Library: String, CaseIterable {
    case openAIAgents = "openai-agents"
    case langgraph = "langgraph-checkpoint-plainredis"
    case agentFramework = "agent-framework-core"
    case googleADK = "google-adk"
    case strands = "strands-agents"

    /// Where it keeps sessions.
    enum Storage: String {
        /// In the server that ours are in: what crosses is counted.
        case redis = "Redis"
        /// In a database in a file; reads and writes of the process are counted.
        case sqlite = "SQLite"
        /// In files; reads and writes of the process are counted.
        case files
    }

    /// Where it keeps sessions.
    var storage: Storage {
        switch self {
        case .openAIAgents, .langgraph, .agentFramework: .redis
        case .googleADK: .sqlite
        case .strands: .files
        }
    }

    /// How its sessions are kept, as the report has it.
    var name: String {
        switch self {
        case .openAIAgents: "openai-agents RedisSession"
        case .langgraph: "langgraph AsyncRedisSaver (plainredis)"
        case .agentFramework: "agent-framework RedisHistoryProvider"
        case .googleADK: "google-adk DatabaseSessionService on SQLite"
        case .strands: "strands-agents FileSessionManager"
        }
    }

    /// What pip installs for it.
    var requirements: String {
        switch self {
        case .openAIAgents: "'openai-agents[redis]==0.24.0'"
        case .langgraph: "langgraph==1.2.22 langgraph-checkpoint-plainredis==0.1.0"
        case .agentFramework: "agent-framework-core==1.23.0 agent-framework-redis==1.0.0b261022"
        case .googleADK: "'google-adk[db]==2.13.0' aiosqlite==0.22.1"
        case .strands: "strands-agents==1.62.0"
        }
    }

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
