import Foundation

/// A value behind a lock that the thread sanitizer knows.
final class Guarded<Value: Sendable>: Sendable {
    private let lock = NSLock()
    // Read and written under the lock alone.
    private nonisolated(unsafe) var stored: Value

    init(_ value: Value) { unsafe stored = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.withLock { unsafe body(&stored) }
    }
}
