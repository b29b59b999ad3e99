#if DEBUG
internal import NIOConcurrencyHelpers

/// The named moments in the life of a turn at which tests end the process; release builds have none.
///
/// A name is that of the moment and of the event that is written: `before opened`, `after stepped`, `before ended`,
/// `calling`, `answered`, `running`, `returned`.
package enum CrashPoint {
    private static let handler = NIOLockedValueBox<(@Sendable (String) -> Void)?>(nil)

    /// Sets the function that is called at each moment, with its name.
    package static func set(_ body: @escaping @Sendable (String) -> Void) {
        handler.withLockedValue { $0 = body }
    }

    /// Calls the function.
    static func reached(_ name: @autoclosure () -> String) {
        guard let body = handler.withLockedValue({ $0 }) else { return }
        body(name())
    }
}
#else
/// The named moments in the life of a turn at which tests end the process: none in release builds.
enum CrashPoint {
    /// Does nothing.
    @inline(__always)
    static func reached(_ name: @autoclosure () -> String) {}
}
#endif

extension Batch {
    /// The event that the batch records, as a word.
    var eventWord: String {
        switch record {
        case .opened: "opened"
        case .stepped: "stepped"
        case .steered: "steered"
        case .waiting: "waiting"
        case .decided: "decided"
        case .taken: "taken"
        case .ended: "ended"
        case .queued: "queued"
        case .left: "left"
        case nil: "turn"
        }
    }
}
