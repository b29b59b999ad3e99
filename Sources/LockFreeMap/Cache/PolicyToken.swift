internal import Synchronization

/// A value for one thread at a time; no thread waits for it.
///
/// `@unchecked Sendable`: the value is touched only between an exchange of `isHeld` from false to true, which acquires,
/// and the store of false, which releases; so its owners follow one another.
@safe
struct PolicyToken<Value>: ~Copyable, @unchecked Sendable {
    private let isHeld = Atomic(false)
    private let value: UnsafeMutablePointer<Value>

    /// Makes a free token.
    init(_ value: Value) {
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    deinit {
        // Safety: the value was initialised above, and no thread has the token of a value that is destroyed.
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Takes the token; returns `false` if another thread has it.
    func take() -> Bool {
        !isHeld.load(ordering: .relaxed) && !isHeld.exchange(true, ordering: .acquiring)
    }

    /// Gives the token back.
    func giveBack() {
        isHeld.store(false, ordering: .releasing)
    }

    /// The value; only the holder of the token may access it.
    var held: UnsafeMutablePointer<Value> { unsafe value }
}
