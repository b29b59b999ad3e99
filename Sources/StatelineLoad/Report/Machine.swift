internal import Foundation

/// The machine that figures were taken on.
struct Machine: Codable, Hashable, Sendable {
    /// The processor's name.
    let processor: String
    /// The cores that this process may use.
    let cores: Int
    /// The kernel.
    let system: String
    /// The mean number of tasks that wanted to run over the last minute.
    let load: Double

    /// This machine, now.
    static var current: Machine {
        let names = read("/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("model name") }
        let processor = names.first?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        let kernel = read("/proc/sys/kernel/osrelease").split(separator: "\n").first.map(String.init)
        return Machine(
            processor: processor ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            system: kernel ?? "unknown",
            load: read("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
        )
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
