import Foundation
import LockFreeMap
import Testing

/// Replays recorded requests, if they are available: the cache has to keep the entries that libcachesim's S3-FIFO
/// keeps.
@Suite(.enabled(if: Trace.folder != nil, "the traces are not here: set STATELINE_TRACES"))
struct ReplayTests {
    /// Hit ratios of libcachesim 0.3.5 with a small queue of 10 %, ghosts of 90 % and promotion at two hits; and of
    /// LRU.
    private static let known = [
        (trace: Trace.web07, capacity: 1_024, theirs: 0.5425, lru: 0.5056),
        (trace: Trace.multi3, capacity: 1_500, theirs: 0.5560, lru: 0.4412),
    ]

    @Test
    func `the hit ratio is within half a point of the reference, and above LRU`() throws {
        for (trace, capacity, theirs, lru) in Self.known {
            let keys = try trace.keys()
            let cache = LockFreeCache<Key16, Page>(capacity: capacity)
            for number in keys {
                let key = Key16(number, 0)
                if cache.get(key) == nil { _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1) }
            }
            let ours = Double(cache.statistics.hits) / Double(keys.count)
            #expect(abs(ours - theirs) < 0.005, "\(trace), \(capacity) entries: \(ours)")
            #expect(ours > lru, "\(trace), \(capacity) entries: \(ours)")
        }
    }
}

/// A recorded sequence of keys.
private enum Trace: String {
    case web07 = "web07.trace.xz"
    case multi3 = "multi3.trace.gz"

    /// The folder of the traces; `nil` if there is none.
    static let folder: URL? = {
        let environment = ProcessInfo.processInfo.environment["STATELINE_TRACES"]
        let root = URL(filePath: #filePath).appending(path: "../../../../..").standardized
        let folder = environment.map { URL(filePath: $0) } ?? root.appending(path: "shared/traces")
        let files = [web07, multi3].map { folder.appending(path: $0.rawValue).path }
        return files.allSatisfy { FileManager.default.fileExists(atPath: $0) } ? folder : nil
    }()

    func keys() throws -> [UInt64] {
        let folder = try #require(Trace.folder)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [self == .web07 ? "xz" : "gzip", "-dc", folder.appending(path: rawValue).path]
        process.standardOutput = pipe
        try process.run()
        let data = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        switch self {
        case .web07:
            let bytes = [UInt8](data)
            return stride(from: 0, to: bytes.count, by: 4)
                .map { index in
                    bytes[index..<index + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                }
        case .multi3:
            return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
        }
    }
}
