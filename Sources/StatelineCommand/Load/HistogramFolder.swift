internal import Foundation
internal import StatelineLoad

/// Where the histograms of a load are written.
struct HistogramFolder: Sendable {
    /// A folder in which nothing can be written.
    struct Unwritable: Error, CustomStringConvertible {
        let description: String
    }

    private let url: URL

    /// Checks a folder before anything runs.
    ///
    /// - Throws: ``Unwritable`` where there is no such folder, or no file can be made in it.
    init(_ path: String) throws {
        url = URL(filePath: path, directoryHint: .isDirectory)
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw Unwritable(description: "--histograms: there is no folder \(path)")
        }
        // What the file's mode says is not all that can stand against it: a file is made, and is gone again.
        let trial = url.appending(path: ".stateline-\(UInt64.random(in: 0 ... .max))")
        do { try Data().write(to: trial) } catch {
            throw Unwritable(description: "--histograms: nothing can be written in the folder \(path)")
        }
        try? FileManager.default.removeItem(at: trial)
    }

    /// Writes a report's histograms, in the place of those that are there.
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
                throw Unwritable(description: "--histograms: \(file.path) cannot be written")
            }
        }
    }
}
