internal import Foundation

/// What figures depend on beside the code: when they were taken, and on which machine.
struct Provenance: Sendable {
    /// The processor's name.
    let processor: String
    /// How many cores this process may use.
    let cores: Int
    /// The kernel.
    let system: String
    /// How many tasks wanted to run over the last minute.
    let load: Double
    /// When this was written down.
    let date: Date

    /// This machine, now.
    static var current: Provenance {
        let names = read("/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("model name") }
        let processor = names.first?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        let kernel = read("/proc/sys/kernel/osrelease").split(separator: "\n").first.map(String.init)
        return Provenance(
            processor: processor ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            system: kernel ?? "unknown",
            load: read("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0,
            date: Date()
        )
    }

    /// Whether the optimiser has been at the code.
    static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    /// An argument of a command line without what may be secret: who enters a URL, and its options.
    static func harmless(_ argument: String) -> String {
        guard let scheme = argument.range(of: "://") else { return argument }
        var rest = argument[scheme.upperBound...]
        // A password may hold any character as it is: what comes before the last sign of its end is taken away.
        if let end = rest.lastIndex(of: "@") { rest = rest[rest.index(after: end)...] }
        return String(argument[..<scheme.upperBound] + rest.prefix { $0 != "?" && $0 != "#" })
    }
}
