internal import Foundation
internal import LockFreeMap
internal import Measurement

/// The simulator of S3-FIFO's authors, as the Python package `libcachesim`.
struct Libcachesim {
    /// The path of a Python interpreter that has the package.
    let python: String

    private static let script = """
        import struct, sys
        try:
            import libcachesim
        except ImportError:
            sys.exit(42)
        capacity, small, ghost, promotion = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
        cache = libcachesim.S3FIFO(
            capacity, small_size_ratio=small, ghost_size_ratio=ghost, move_to_main_threshold=promotion)
        request = libcachesim.Request()
        request.obj_size = 1
        hits = requests = 0
        for (key,) in struct.iter_unpack("<I", sys.stdin.buffer.read()):
            request.obj_id = key + 1
            hits += cache.get(request)
            requests += 1
        print(hits / requests)
        """

    /// Returns the hit ratio of its S3-FIFO with the same parameters; prints a line and returns `nil` if it cannot run.
    func hitRatio(_ replay: CacheReplay) throws -> Double? {
        let parameters = replay.parameters
        var bytes = Data(capacity: replay.trace.requests.count * 4)
        for key in replay.trace.requests {
            for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: key >> shift)) }
        }
        // A file and not a pipe: a program that ends without reading would end this one by a signal.
        let file = FileManager.default.temporaryDirectory.appending(path: "hits-\(UUID().uuidString)")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            python, "-c", Self.script, "\(replay.capacity)", "\(parameters.smallShare)", "\(parameters.ghostShare)",
            "\(parameters.promotion)",
        ]
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let ratio = Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            Progress.print("libcachesim is skipped: \(python) does not have it (pip install libcachesim)")
            return nil
        }
        return ratio
    }
}
