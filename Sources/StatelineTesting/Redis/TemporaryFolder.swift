internal import Foundation

/// Functions that make folders with random names for servers.
enum TemporaryFolder {
    /// Makes a folder with a short path, because the path of a unix socket has at most 107 bytes.
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

    /// Removes a folder with its contents.
    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Writes a text file atomically.
func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
}

/// Returns the path of an executable, which is looked up in `PATH` unless it is a path; `nil` if there is none.
func executable(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
