internal import Foundation
internal import NIOConcurrencyHelpers

/// The wall clock of a server under libfaketime: a file that it reads at each look at the time.
struct ServerClock: Sendable {
    private let path: String
    private let library: String
    private let milliseconds: NIOLockedValueBox<Int64>

    /// Sets a clock to the present.
    init(folder: String) throws {
        guard let library = Self.library else { throw RedisServerError.missing("libfaketime", package: "libfaketime") }
        self.library = library
        self.path = folder + "/clock"
        self.milliseconds = NIOLockedValueBox(Int64(Date().timeIntervalSince1970 * 1000))
        try publish()
    }

    private static var library: String? {
        let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
            .flatMap { folder in
                [folder]
                    + ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
            }
        return folders.lazy.map { $0 + "/faketime/libfaketime.so.1" }.first(where: FileManager.default.fileExists)
    }

    /// The environment of the server.
    var environment: [String: String] {
        [
            // Debian's redis-server has jemalloc, which reads the time during its own setup and that of libfaketime,
            // and both hang. With the C library's allocator in front of it, jemalloc is never called.
            "LD_PRELOAD": "\(library) libc.so.6",
            "FAKETIME_TIMESTAMP_FILE": path,
            "FAKETIME_FMT": "%s",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// The present.
    var now: Int64 { milliseconds.withLockedValue(\.self) }

    /// Moves the clock.
    func advance(by duration: Duration) throws {
        let (seconds, attoseconds) = duration.components
        milliseconds.withLockedValue { $0 += seconds * 1000 + attoseconds / 1_000_000_000_000_000 }
        try publish()
    }

    private func publish() throws {
        let now = now
        let fraction = String(1000 + now % 1000).dropFirst()
        // Half a microsecond more, because the fraction is read as a binary number and truncated, which would lose one.
        try write("\(now / 1000).\(fraction)0005\n", to: path)
    }
}
