#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a figure depends on beside the code.
package struct Machine: Encodable, Sendable {
    /// The processor's name.
    package let processor: String
    /// How many cores this process may use.
    package let cores: Int
    /// The kernel.
    package let system: String

    /// This machine.
    package static var current: Machine {
        let names = read("/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("model name") }
        let processor = names.first?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        let kernel = read("/proc/sys/kernel/osrelease").split(separator: "\n").first.map(String.init)
        return Machine(
            processor: processor ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            system: kernel ?? "unknown"
        )
    }

    /// How many tasks wanted to run over the last minute.
    package static var load: Double {
        read("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
