#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A time of day: milliseconds since 1970 in UTC.
///
/// In JSON a timestamp is that number.
public struct Timestamp: Hashable, Sendable {
    /// The milliseconds.
    public let milliseconds: Int64

    /// Makes a time of its milliseconds since 1970 in UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads the system's time of day.
    public static let now: @Sendable () -> Timestamp = {
        Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
    }
}

extension Timestamp: Codable {
    /// Decodes a time from its milliseconds since 1970.
    public init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    /// Encodes the time as its milliseconds since 1970.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
