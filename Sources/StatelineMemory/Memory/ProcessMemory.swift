#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The memory that this process may use.
enum ProcessMemory {
    /// The bytes that the process may use: the machine's memory, or the lowest limit of its control groups.
    ///
    /// Read once, when it is first asked for.
    static let limit =
        limit { try? String(contentsOfFile: $0, encoding: .utf8) }
        ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)

    /// Reads the limit from the files that Linux has of it; `nil` if there are none.
    ///
    /// Source: the kernel's *Control Group v2*, "memory.max", and *Memory Resource Controller*, "limit_in_bytes".
    static func limit(reading file: (_ path: String) -> String?) -> Int? {
        let machine = file("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
            .flatMap { $0.split(separator: " ").dropFirst().first }
            .flatMap { Int($0) }
        var limits = machine.map { [$0 << 10] } ?? []
        for line in file("/proc/self/cgroup")?.split(separator: "\n") ?? [] {
            // Version 2 is "0::/path", version 1 is "number:controllers:/path".
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let (root, name): (String, String)
            switch fields[1] {
            case "": (root, name) = ("/sys/fs/cgroup", "memory.max")
            case let controllers where controllers.split(separator: ",").contains("memory"):
                (root, name) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            default: continue
            }
            // A group is held to the limits of all groups above it. In a container the path may not be there; its root is.
            let parts = fields[2].split(separator: "/")
            for depth in 0...parts.count {
                let folder = ([root] + parts.prefix(depth).map(String.init)).joined(separator: "/")
                guard let text = file("\(folder)/\(name)")?.split(whereSeparator: \.isWhitespace).first else {
                    continue
                }
                // Without a limit version 2 says "max", version 1 a number near the largest.
                if let bytes = Int(text) { limits.append(bytes) }
            }
        }
        return limits.min()
    }
}
