internal import Foundation

/// Standard output: a terminal, a file or a pipe.
struct Terminal: Sendable {
    /// An error: standard output cannot be written.
    struct WriteFailure: Error, CustomStringConvertible {
        /// The system's error number; 0 if it is not known.
        let code: Int32

        fileprivate init(_ error: any Error) {
            let error = error as NSError
            let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
            self.code = cause.domain == NSPOSIXErrorDomain ? Int32(cause.code) : 0
        }

        /// `true` if the reader closed the pipe, as in `stateline demo | head -1`.
        var isClosedPipe: Bool { code == EPIPE }

        /// The error and what to do, in one line.
        var description: String {
            switch code {
            case ENOSPC: "cannot write standard output: the disk is full; free space or write elsewhere"
            case 0: "cannot write standard output"
            default: "cannot write standard output: system error \(code)"
            }
        }
    }

    /// A style of text.
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case warning = "33"
    }

    /// `true` if standard output is a terminal.
    let isInteractive: Bool
    /// `true` if styles are shown.
    let hasStyles: Bool

    /// Inspects the process's standard output and environment.
    ///
    /// Source of `NO_COLOR`: https://no-color.org
    init() {
        let environment = ProcessInfo.processInfo.environment
        self.isInteractive = isatty(STDOUT_FILENO) == 1
        self.hasStyles = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Returns a text in a style, if styles are shown.
    func styled(_ text: String, _ style: Style) -> String {
        hasStyles ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Writes a text without a buffer.
    ///
    /// - Throws: ``WriteFailure`` if the reader closed the pipe or the disk is full.
    func write(_ text: String) throws(WriteFailure) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw WriteFailure(error)
        }
    }

    /// Writes a line.
    func writeLine(_ text: String = "") throws(WriteFailure) {
        try write(text + "\n")
    }

    /// Writes sentences, broken between words into lines of at most 78 characters.
    ///
    /// - Parameters:
    ///   - text: The sentences.
    ///   - style: Their style.
    ///   - indent: The number of spaces before each line.
    /// - Throws: ``WriteFailure`` if the reader closed the pipe or the disk is full.
    func writeParagraph(_ text: String, _ style: Style? = nil, indent: Int = 0) throws(WriteFailure) {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines.count - 1
            if lines[last].isEmpty {
                lines[last] += word
            } else if lines[last].count + 1 + word.count <= 78 - indent {
                lines[last] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        let space = String(repeating: " ", count: indent)
        for line in lines { try writeLine(space + (style.map { styled(line, $0) } ?? line)) }
    }

    /// Replaces control characters of a model's text if it goes to a terminal.
    func harmless(_ text: String) -> String {
        guard isInteractive else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "\n", "\t": scalar
                    case "\0"..<" ", "\u{7F}"..."\u{9F}": "\u{FFFD}"
                    // They turn the text around them.
                    case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }

    /// Writes an error as one line on standard error.
    static func complain(_ error: some Error) {
        note(String(describing: error))
    }

    /// Writes a message as one line on standard error.
    static func note(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let safe = line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        // If standard error is closed too, the message is lost.
        try? FileHandle.standardError.write(contentsOf: Data("stateline: \(safe)\n".utf8))
    }
}
