internal import Foundation
internal import StatelineLoad
internal import Synchronization

/// A line on standard error that says how far a run is, for a person; a program gets none.
final class ProgressLine: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1
    private let width = Mutex(0)

    /// Shows how far the run is, in the place of what was shown before.
    func show(_ progress: LoadProgress, label: String = "") {
        guard isShown else { return }
        let left = progress.left.map { ", \(Self.seconds($0)) left" } ?? ""
        let rate = Int(progress.rate.rounded())
        write("\(label)\(Self.seconds(progress.elapsed)): \(progress.turns) turns, \(rate)/s\(left)")
    }

    /// Says something in the place of the line.
    func show(_ text: String) {
        guard isShown else { return }
        write(text)
    }

    /// Takes the line away.
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
