#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The operating system's figures of this process, under the names that all Prometheus clients use.
enum ProcessMetrics {
    /// The version of this library.
    static let version = "0.1.0"

    /// Reads the present figures: all of them on Linux, only the build elsewhere.
    static func families() -> [MetricFamily] {
        var families = [
            MetricFamily(
                name: "stateline_build_info",
                help: "The version of the library; always 1.",
                labels: LabelSet([("version", version)]),
                value: 1
            )
        ]
        #if os(Linux)
        if let status = ProcessStatus(text("/proc/self/status") ?? "", stat: text("/proc/self/stat") ?? "") {
            families += status.families(bootTime: bootTime)
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            families.append(
                MetricFamily(
                    name: "process_open_fds",
                    help: "Number of open file descriptors.",
                    value: Double(files.count)
                )
            )
        }
        #endif
        return families
    }

    /// The time at which the system started, in seconds since 1970.
    private static let bootTime: Double? = {
        let line = text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }()

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}

/// The status of a process, as Linux reports it.
struct ProcessStatus {
    /// The kernel's unit for processes: hundredths of a second on every architecture that Swift runs on.
    private static let ticksPerSecond = 100.0

    let residentBytes: Double
    let cpuSeconds: Double
    /// The seconds from the start of the system to the start of the process.
    let startSeconds: Double

    /// Reads `/proc/self/status` and `/proc/self/stat`; returns `nil` if their format is not the expected one.
    init?(_ status: String, stat: String) {
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kilobytes = resident?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first,
            let bytes = Double(kilobytes),
            // The name of the command may contain any character; the last parenthesis ends it.
            let end = stat.lastIndex(of: ")")
        else { return nil }
        // The third field is the first one here: user and system time are 14 and 15, the start is 22.
        let fields = stat[end...].split(separator: " ").dropFirst()
        let numbers = fields.map { Double($0) ?? 0 }
        guard numbers.count > 19 else { return nil }
        residentBytes = bytes * 1024
        cpuSeconds = (numbers[11] + numbers[12]) / Self.ticksPerSecond
        startSeconds = numbers[19] / Self.ticksPerSecond
    }

    func families(bootTime: Double?) -> [MetricFamily] {
        let families = [
            MetricFamily(
                name: "process_resident_memory_bytes",
                help: "Resident memory size in bytes.",
                value: residentBytes
            ),
            MetricFamily(
                name: "process_cpu_seconds_total",
                kind: .counter,
                help: "Total user and system CPU time spent in seconds.",
                value: cpuSeconds
            ),
        ]
        guard let bootTime else { return families }
        return families + [
            MetricFamily(
                name: "process_start_time_seconds",
                help: "Start time of the process since unix epoch in seconds.",
                value: bootTime + startSeconds
            )
        ]
    }
}
