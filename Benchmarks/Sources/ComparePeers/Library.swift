internal import Measurement

/// A Python library that stores sessions: in a plain Redis if it can, else in the store of its documentation.
enum Library: String, CaseIterable {
    case openAIAgents = "openai-agents"
    case langgraph = "langgraph-checkpoint-plainredis"
    case agentFramework = "agent-framework-core"
    case googleADK = "google-adk"
    case strands = "strands-agents"

    /// The store of its sessions.
    enum Storage: String {
        /// The server that ours uses; round trips and bytes are counted.
        case redis = "Redis"
        /// A database in a file; reads and writes of the process are counted.
        case sqlite = "SQLite"
        /// Files; reads and writes of the process are counted.
        case files
    }

    /// The store of its sessions.
    var storage: Storage {
        switch self {
        case .openAIAgents, .langgraph, .agentFramework: .redis
        case .googleADK: .sqlite
        case .strands: .files
        }
    }

    /// Its name in the report, with its kind of store.
    var name: String {
        switch self {
        case .openAIAgents: "openai-agents RedisSession"
        case .langgraph: "langgraph AsyncRedisSaver (plainredis)"
        case .agentFramework: "agent-framework RedisHistoryProvider"
        case .googleADK: "google-adk DatabaseSessionService on SQLite"
        case .strands: "strands-agents FileSessionManager"
        }
    }

    /// The packages that pip installs for it.
    var requirements: String {
        switch self {
        case .openAIAgents: "'openai-agents[redis]==0.24.0'"
        case .langgraph: "langgraph==1.2.22 langgraph-checkpoint-plainredis==0.1.0"
        case .agentFramework: "agent-framework-core==1.23.0 agent-framework-redis==1.0.0b261022"
        case .googleADK: "'google-adk[db]==2.13.0' aiosqlite==0.22.1"
        case .strands: "strands-agents==1.62.0"
        }
    }

    /// Returns `true` if an interpreter has it.
    func isInstalled(for python: String) -> Bool { ScriptProcess.hasPackages([rawValue], python: python) }
}
