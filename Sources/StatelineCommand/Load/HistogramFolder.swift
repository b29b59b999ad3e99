internal import Foundation
internal import StatelineLoad

/// The folder for the histograms of a load.
struct HistogramFolder: Sendable {
    /// An error of a folder that cannot be written to.
    struct Unwritable: Error, CustomStringConvertible {
        let description: String
    }

    private let url: URL

    /// Checks a folder before anything runs.
    ///
    /// - Throws: ``Unwritable`` if there is no such folder, or no file can be made in it.
    init(_ path: String) throws {
        url = URL(filePath: path, directoryHint: .isDirectory)
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw Unwritable(description: "--histograms: no folder \(path): make it first")
        }
        // More than the mode can forbid it, such as a file system mounted read-only, so a file is made and removed.
        let trial = url.appending(path: ".stateline-\(UInt64.random(in: 0 ... .max))")
        do { try Data().write(to: trial) } catch {
            throw Unwritable(description: "--histograms: cannot write to the folder \(path): check its permissions")
        }
        try? FileManager.default.removeItem(at: trial)
    }

    /// Writes a report's histograms, replacing those of an earlier run.
    ///
    /// - Throws: ``Unwritable``.
    func write(_ report: LoadReport) throws {
        let histograms = [
            ("intended", report.intended), ("service", report.service), ("overhead", report.overhead),
            ("lateness", report.lateness),
        ]
        for (name, times) in histograms {
            let file = url.appending(path: "\(name).hgrm")
            do { try Data(times.percentileDistribution.utf8).write(to: file) } catch {
                throw Unwritable(description: "--histograms: cannot write \(file.path)")
            }
        }
    }
}
