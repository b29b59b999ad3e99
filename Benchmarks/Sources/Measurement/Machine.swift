#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The environment of a figure: all that it depends on beside the measured code.
///
/// `Benchmarks/compare` passes what a program cannot find out by itself in environment variables: the commit, the
/// compiler, the versions of peers, and the command line. A program that was started otherwise reports none of these.
package struct Machine: Encodable, Sendable {
    /// The processor's name.
    package let processor: String
    /// The number of cores that this process may use.
    package let cores: Int
    /// The kernel.
    package let system: String
    /// The policy that sets the processor's frequency; `nil` if the system does not tell, as in a virtual machine.
    package let governor: String?
    /// The compiler's version.
    package let swift: String?
    /// The commit that was built.
    package let commit: String?
    /// `true` if files differed from that commit.
    package let dirty: Bool?
    /// The command line of the comparison.
    package let command: String?
    /// The versions of peers and servers.
    package let versions: [String: String]
    /// The seed of orders and resampling; `nil` if nothing is random.
    package internal(set) var seed: UInt64?
    /// The load over the minute before the run.
    package let loadAtStart: Double
    /// The load over the minute before the report.
    package let loadAtEnd: Double

    private enum CodingKeys: String, CodingKey {
        case processor, cores, system, governor, swift, commit, dirty, command, versions, seed
        case loadAtStart = "load_start"
        case loadAtEnd = "load_end"
    }

    /// This machine, now.
    package static var current: Machine {
        let environment = ProcessInfo.processInfo.environment
        let names = read("/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("model name") }
        let processor = names.first?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        let versions = environment["COMPARE_VERSIONS", default: ""].split(separator: "\n")
            .compactMap { line -> (String, String)? in
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                return words.count == 2 ? (words[0], words[1]) : nil
            }
        return Machine(
            processor: processor ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            system: line("/proc/sys/kernel/osrelease") ?? "unknown",
            governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            swift: environment["COMPARE_SWIFT"],
            commit: environment["COMPARE_COMMIT"],
            dirty: environment["COMPARE_DIRTY"].map { $0 == "1" },
            command: environment["COMPARE_COMMAND"],
            versions: Dictionary(versions) { _, newest in newest },
            loadAtStart: loadAtStart,
            loadAtEnd: load
        )
    }

    /// The average number of runnable tasks over the last minute.
    package static var load: Double {
        line("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// The load at the first access, which follows the parsing of the command line.
    package static let loadAtStart = load

    /// Returns `true` if Linux lists a feature of the processor, such as `avx2`.
    package static func hasFeature(_ name: String) -> Bool {
        let flags = read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("flags") }
        return flags?.split(separator: " ").contains { $0 == name } ?? false
    }

    /// The environment for people, in two lines.
    package var lines: [String] {
        let load = "load \(loadAtStart) at the start, \(loadAtEnd) at the end"
        let versions = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let state = dirty == true ? " with changes" : ""
        return [
            (["\(processor), \(cores) cores, governor \(governor ?? "unknown"), Linux \(system)", load] + versions)
                .joined(separator: "; ") + ".",
            "Commit \(commit ?? "unknown")\(state); \(swift ?? "Swift of unknown version");"
                + " seed \(seed.map(String.init) ?? "none"); \(command ?? CommandLine.arguments.joined(separator: " "))",
        ]
    }

    private static func line(_ path: String) -> String? {
        read(path).split(separator: "\n").first.map(String.init)
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
