internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A log of events that may be frequent: of equal messages about one server, it has one line a second at most.
///
/// The next line says how many were left out.
final class ClientLog: Sendable {
    /// The minimum time between two lines with the same message and server.
    private static let pause = TimeAmount.seconds(1)
    /// The maximum number of messages and servers that are remembered.
    private static let capacity = 256

    private struct Line: Hashable {
        let message: String
        let server: String?
    }

    private let logger: Logger
    /// For each message and server, the time of its last line and the number of events since then.
    private let lines = NIOLockedValueBox<[Line: (time: NIODeadline, omitted: Int)]>([:])

    /// Makes a log.
    init(_ logger: Logger) {
        self.logger = logger
    }

    /// Writes a line, if none with the same message and server was written in the last second.
    ///
    /// - Parameters:
    ///   - level: The level.
    ///   - message: A constant text.
    ///   - server: The server's address; `nil` if the event is not of one server.
    ///   - details: Further metadata, without keys, content and credentials.
    func write(_ level: Logger.Level, _ message: String, server: String?, _ details: Logger.Metadata) {
        guard logger.logLevel <= level else { return }
        guard let omitted = admit(Line(message: message, server: server)) else { return }
        var metadata = details
        if let server { metadata["stateline.server"] = "\(server)" }
        if omitted > 0 { metadata["stateline.omitted"] = "\(omitted)" }
        logger.log(level: level, "\(message)", metadata: metadata)
    }

    /// Returns the number of equal lines that were left out before this one; `nil` to leave this one out too.
    private func admit(_ line: Line) -> Int? {
        let now = NIODeadline.now()
        return lines.withLockedValue { lines in
            if let last = lines[line], now - last.time < Self.pause {
                lines[line]?.omitted += 1
                return nil
            }
            let omitted = lines[line]?.omitted ?? 0
            // The servers of a cluster come and go: only those of the last second matter.
            if lines.count >= Self.capacity { lines = lines.filter { now - $0.value.time < Self.pause } }
            lines[line] = (now, 0)
            return omitted
        }
    }
}
