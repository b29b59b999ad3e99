/// The result of a thread, for another thread.
final class Outcome<Value: Sendable>: Sendable {
    private let stored = Guarded<Value?>(nil)

    var value: Value? { stored.withLock { $0 } }

    func set(_ value: Value?) { stored.withLock { $0 = value } }
}
