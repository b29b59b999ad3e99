internal import StatelineTesting

/// A store of ours, with the durability that it gives a step.
enum StepStorage: String, CaseIterable {
    case memory
    case redis
    case everySecond = "everysec"
    case always

    /// Its name in the report.
    var name: String {
        switch self {
        case .memory: "in memory"
        case .redis: "Redis, appendonly no"
        case .everySecond: "Redis, appendfsync everysec"
        case .always: "Redis, appendfsync always"
        }
    }

    /// `true` if a step outlives a kill of the server.
    var outlivesServer: Bool { self == .everySecond || self == .always }

    /// The options of the server; `nil` if there is none.
    var server: RedisServer.Options? {
        guard self != .memory else { return nil }
        var options = RedisServer.Options()
        options.appendOnly = outlivesServer
        if self == .everySecond { options.arguments = ["--appendfsync", "everysec"] }
        return options
    }
}
