internal import Foundation

/// Standard output, as a person or a program reads it.
struct Terminal: Sendable {
    /// Standard output takes no more.
    struct WriteFailure: Error, CustomStringConvertible {
        /// The system's error number; 0 if it is not known.
        let code: Int32

        fileprivate init(_ error: any Error) {
            let error = error as NSError
            let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
            self.code = cause.domain == NSPOSIXErrorDomain ? Int32(cause.code) : 0
        }

        /// `true` if its reader has gone, as in `stateline demo | head -1`.
        var isClosedPipe: Bool { code == EPIPE }

        /// What failed and what to do, in one line.
        var description: String {
            switch code {
            case ENOSPC: "standard output cannot be written: the disk is full; make room or write elsewhere"
            case 0: "standard output cannot be written"
            default: "standard output cannot be written: error \(code) of the system"
            }
        }
    }

    /// A way to set words apart.
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case warning = "33"
    }

    /// Whether a person reads: standard output is a terminal.
    let isInteractive: Bool
    /// Whether styles are shown.
    let hasStyles: Bool

    /// Looks at the process's standard output and environment.
    ///
    /// Source of `NO_COLOR`: https://no-color.org
    init() {
        let environment = ProcessInfo.processInfo.environment
        self.isInteractive = isatty(STDOUT_FILENO) == 1
        self.hasStyles = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// A text in a style, where styles are shown.
    func styled(_ text: String, _ style: Style) -> String {
        hasStyles ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Writes a text at once, without a buffer.
    ///
    /// - Throws: ``WriteFailure`` if the reader has gone or the disk is full.
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
    ///   - style: How they are set apart.
    ///   - indent: How many spaces each line begins with.
    /// - Throws: ``WriteFailure`` if the reader has gone or the disk is full.
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

    /// A model's text without what would steer a terminal; a program gets it as it is.
    func harmless(_ text: String) -> String {
        guard isInteractive else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "\n", "\t": scalar
                    case "\0"..<" ", "\u{7F}"..."\u{9F}": "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }

    /// Writes what failed as one line on standard error.
    static func complain(_ error: some Error) {
        note(String(describing: error))
    }

    /// Writes a message as one line on standard error.
    static func note(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let safe = line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        // Where standard error is closed too, there is nobody left to tell.
        try? FileHandle.standardError.write(contentsOf: Data("stateline: \(safe)\n".utf8))
    }
}
