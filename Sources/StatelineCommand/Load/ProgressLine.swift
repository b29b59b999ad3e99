internal import Foundation
internal import StatelineLoad
internal import Synchronization

/// A line on standard error with the progress of a run; shown on a terminal only.
final class ProgressLine: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1
    private let width = Mutex(0)

    /// Replaces the line by the run's progress.
    func show(_ progress: LoadProgress, label: String = "") {
        guard isShown else { return }
        let left = progress.left.map { ", \(Self.seconds($0)) left" } ?? ""
        let rate = Int(progress.rate.rounded())
        write("\(label)\(Self.seconds(progress.elapsed)): \(progress.turns) turns, \(rate)/s\(left)")
    }

    /// Replaces the line by a text.
    func show(_ text: String) {
        guard isShown else { return }
        write(text)
    }

    /// Removes the line.
    func clear() {
        guard isShown else { return }
        write("")
    }

    private func write(_ text: String) {
        let padding = width.withLock { width in
            defer { width = text.count }
            return max(0, width - text.count)
        }
        let line = "\r" + text + String(repeating: " ", count: padding) + (text.isEmpty ? "\r" : "")
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    private static func seconds(_ time: Duration) -> String {
        "\(Int((time / .seconds(1)).rounded())) s"
    }
}
