internal import CEdit
internal import Dispatch
internal import Foundation

/// A reader of prompts from standard input, one a line.
struct LineReader: Sendable {
    /// The input at a prompt.
    enum Line: Sendable {
        case text(String)
        /// Ctrl-C: the line is discarded.
        case interrupted
        /// Ctrl-D, or the end of a file.
        case end
    }

    /// `true` if lines are edited: standard input and output are a terminal.
    let isEditing: Bool

    /// A thread outside of the concurrency runtime, because reading blocks.
    private let thread = DispatchQueue(label: "stateline.line-reader")

    init() {
        self.isEditing = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        if isEditing { stateline_line_prepare() }
    }

    /// Reads the next line.
    ///
    /// - Parameter prompt: The text before a line that is edited.
    /// - Returns: The line, or the reason why there is none.
    func next(prompt: String) async -> Line {
        await withCheckedContinuation { continuation in
            thread.async {
                continuation.resume(returning: isEditing ? Self.edit(prompt: prompt) : Self.read())
            }
        }
    }

    private static func read() -> Line {
        readLine().map { .text($0) } ?? .end
    }

    private static func edit(prompt: String) -> Line {
        var interrupted: Int32 = 0
        // Safety: the editor returns null or a C string that lives until the next call; it is copied before that.
        guard let line = unsafe stateline_line_read(prompt, &interrupted) else {
            return interrupted == 0 ? .end : .interrupted
        }
        let text = unsafe String(cString: line)
        if !text.allSatisfy(\.isWhitespace) { unsafe stateline_line_remember(line) }
        return .text(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}
