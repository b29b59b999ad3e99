import Logging
import NIOConcurrencyHelpers
import Testing

@testable import StatelineRedis

/// A log that keeps its lines.
final class RecordedLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: Logger.Metadata

        func value(_ key: String) -> String? { metadata["stateline.\(key)"].map { "\($0)" } }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
            log.recorded.withLockedValue { $0.append(line) }
        }
    }

    private let recorded = NIOLockedValueBox<[Line]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    var lines: [Line] { recorded.withLockedValue(\.self) }

    /// The lines with a message.
    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    /// Expects that there is one line with a message, and returns it.
    func only(
        _ message: String,
        _ level: Logger.Level,
        at place: SourceLocation = #_sourceLocation
    ) throws -> Line {
        let found = lines(message)
        #expect(found.count == 1, "\(lines)", sourceLocation: place)
        let line = try #require(found.first, sourceLocation: place)
        #expect(line.level == level, sourceLocation: place)
        return line
    }

    /// Expects that no line contains one of some texts, all metadata is of this library, and no text is empty.
    func expectNone(of secrets: [String], at place: SourceLocation = #_sourceLocation) {
        for line in lines {
            let text = "\(line.message) \(line.metadata)"
            for secret in secrets + ["sl1:"] { #expect(!text.contains(secret), sourceLocation: place) }
            #expect(line.metadata.keys.allSatisfy { $0.hasPrefix("stateline.") }, sourceLocation: place)
            #expect(line.metadata.values.allSatisfy { "\($0)" != "" }, sourceLocation: place)
        }
    }

    /// Settings with this log.
    var configuration: RedisConfiguration {
        var configuration = RedisConfiguration()
        configuration.logger = logger
        return configuration
    }
}

extension RedisStatistics {
    /// The counts that are not 0.
    var events: [String: Int] {
        let counts = Mirror(reflecting: self).children
            .compactMap { child in
                (child.value as? Int).flatMap { $0 == 0 ? nil : (child.label ?? "", $0) }
            }
        return Dictionary(uniqueKeysWithValues: counts)
    }
}
