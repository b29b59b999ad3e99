#if canImport(FoundationEssentials)
internal import FoundationEssentials
#endif
internal import Foundation

/// Progress messages of a run.
package enum Progress {
    /// Writes a line to standard error.
    package static func print(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
