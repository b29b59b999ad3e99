internal import Foundation

/// A folder of a random name, for one server.
enum TemporaryFolder {
    /// Makes one, of a short path: a unix socket's may have 107 bytes at most.
    static func make() throws -> String {
        let name = "stateline-" + (0..<12).map { _ in String(Int.random(in: 0..<36), radix: 36) }.joined()
        let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.utf8.count < 64 ? $0 : nil } ?? "/tmp"
        let path = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/" + name
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return path
    }

    /// Removes one, and what is in it.
    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Writes a text file, whole or not at all.
func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
}

/// The path of an executable, looked for in `PATH` where it is no path; `nil` where there is none.
func executable(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
