internal import ArgumentParser
internal import Foundation

/// A recorded sequence of requests, its keys numbered in the order in which they come.
struct Trace: Sendable {
    /// The number of the key of each request.
    let requests: [UInt32]
    /// The number of keys.
    let keyCount: Int

    /// Reads a trace.
    ///
    /// The format is detected by content: compressions by their first bytes, text by its digits.
    ///
    /// - Parameter path: The file.
    /// - Throws: `ValidationError` if the file is not a trace, or a program that it needs is missing.
    init(path: String) throws {
        let url = URL(filePath: path)
        guard let file = try? Data(contentsOf: url, options: .alwaysMapped) else {
            throw ValidationError("cannot read the trace \(path)")
        }
        let compression = Compression.allCases.first { file.starts(with: $0.magic) }
        let bytes = try compression?.decompress(url) ?? file
        let keys = try Self.isText(bytes) ? Self.numbers(in: bytes) : Self.integers(in: bytes)
        guard !keys.isEmpty else { throw ValidationError("the trace has no requests") }
        var numbers: [Int64: UInt32] = [:]
        requests = keys.map { key in
            if let number = numbers[key] { return number }
            let number = UInt32(numbers.count)
            numbers[key] = number
            return number
        }
        keyCount = numbers.count
    }

    private static func isText(_ bytes: Data) -> Bool {
        bytes.prefix(4_096).allSatisfy { ($0 >= 0x20 && $0 < 0x7f) || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
    }

    /// Reads one number a line.
    ///
    /// The rest of a line is ignored, and so are lines that begin with `#` or `*`.
    private static func numbers(in bytes: Data) throws -> [Int64] {
        var numbers: [Int64] = []
        for (index, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            guard let first = text.first, first != "#", first != "*" else { continue }
            guard let number = Int64(text.prefix { !$0.isWhitespace && $0 != "," }) else {
                throw ValidationError("line \(index + 1) of the trace begins with no number")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Reads big-endian integers of four bytes.
    private static func integers(in bytes: Data) throws -> [Int64] {
        guard bytes.count.isMultiple(of: 4) else {
            throw ValidationError("the trace is neither text nor integers of four bytes: it has \(bytes.count) bytes")
        }
        let bytes = [UInt8](bytes)
        return stride(from: 0, to: bytes.count, by: 4)
            .map { index in
                let word = bytes[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                return Int64(Int32(bitPattern: word))
            }
    }
}

/// A compression, with the program that undoes it.
private enum Compression: CaseIterable {
    case gzip
    case xz
    case bzip2
    case zstd

    /// The first bytes of a file.
    var magic: [UInt8] {
        switch self {
        case .gzip: [0x1f, 0x8b]
        case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
        case .bzip2: [0x42, 0x5a, 0x68]
        case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
        }
    }

    /// The program, and the Debian package that has it.
    private var program: (name: String, package: String) {
        switch self {
        case .gzip: ("gzip", "gzip")
        case .xz: ("xz", "xz-utils")
        case .bzip2: ("bzip2", "bzip2")
        case .zstd: ("zstd", "zstd")
        }
    }

    /// Returns the content of a file.
    func decompress(_ file: URL) throws -> Data {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program.name, "-dc"]
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        switch process.terminationStatus {
        case 0: return data
        case 127:
            throw ValidationError("the trace needs \(program.name): apt-get install \(program.package)")
        default: throw ValidationError("\(program.name) cannot read the trace")
        }
    }
}
