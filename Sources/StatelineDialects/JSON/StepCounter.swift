#if DEBUG
internal import Synchronization

/// A counter of the steps of reading an answer: bytes walked and names compared.
///
/// It exists in debug builds only. Tests bound the work of hostile answers by its count, which no load of the machine
/// changes.
final class StepCounter: Sendable {
    /// The counter of the current task.
    @TaskLocal static var current: StepCounter?

    private let steps = Mutex(0)

    /// The number of steps so far.
    var count: Int { steps.withLock { $0 } }

    /// Adds steps.
    func add(_ count: Int) {
        steps.withLock { $0 += count }
    }
}
#endif

/// Adds steps to the counter of the current task; does nothing in a release build.
@inline(__always)
func countSteps(_ count: Int) {
    #if DEBUG
    StepCounter.current?.add(count)
    #endif
}

/// A name as the key of a table.
///
/// It compares as its text does. Each comparison is a step.
struct NameKey: Hashable, Sendable {
    private let text: String

    /// Makes the key of a name.
    init(_ text: String) {
        self.text = text
    }

    static func == (a: NameKey, b: NameKey) -> Bool {
        countSteps(1)
        return a.text == b.text
    }
}
