internal import NIOConcurrencyHelpers

/// The session's values as a turn sees and changes them: ``ToolContext/state`` and ``Turn/state``.
///
/// Reads see the turn's own changes. All changes are committed with the turn's batch; a turn that fails changes nothing.
/// The tools of a step run concurrently and share the values: each access is atomic, so use
/// ``update(_:default:_:)`` for a change that depends on the value before. A tool that was left behind at its time limit
/// cannot change values any more.
public struct TurnValues: Sendable {
    private let table: TurnValueTable
    private let number: Int

    /// Makes values that belong to no turn: for tests of tools.
    ///
    /// - Parameter values: The values at the beginning.
    public init(_ values: SessionValues = SessionValues()) {
        self = TurnValueTable(values).open()
    }

    fileprivate init(_ table: TurnValueTable, _ number: Int) {
        self.table = table
        self.number = number
    }

    /// Reads a value, with the turn's changes so far.
    ///
    /// - Throws: ``ValueError/notDecodable(name:description:)``.
    public subscript<Value>(key: SessionValueKey<Value>) -> Value? {
        get throws(ValueError) { try table.values[key] }
    }

    /// Sets a value.
    ///
    /// - Throws: ``ValueError``: turnEnded, invalidName, notEncodable, tooLarge, tooMany or totalTooLarge; nothing is
    ///   changed then.
    public func set<Value>(_ key: SessionValueKey<Value>, to value: Value) throws(ValueError) {
        try table.edit(as: number) { edit throws(ValueError) in try edit.set(key, to: value) }
    }

    /// Removes a value; nothing happens if there is none.
    ///
    /// - Throws: ``ValueError/turnEnded``.
    public func remove<Value>(_ key: SessionValueKey<Value>) throws(ValueError) {
        try table.edit(as: number) { edit throws(ValueError) in edit.remove(key) }
    }

    /// Changes a value in place, from a default if there is none; no other access comes between.
    ///
    /// - Parameters:
    ///   - key: The value's key.
    ///   - initial: The value to start from if there is none.
    ///   - body: Changes the value. It must not use the turn's values.
    /// - Throws: ``ValueError``, or what the closure throws; nothing is changed then.
    public func update<Value>(
        _ key: SessionValueKey<Value>,
        default initial: @autoclosure () -> Value,
        _ body: (inout Value) throws(ValueError) -> Void
    ) throws(ValueError) {
        try table.edit(as: number) { edit throws(ValueError) in try edit.update(key, default: initial(), body) }
    }

    /// Ends the use of the values by the call that they were made for.
    func close() { table.close(number) }
}

/// The values of one turn, which its tools share.
final class TurnValueTable: Sendable {
    private struct State {
        var edit: ValueEdit
        var open: Set<Int> = []
        var count = 0
    }

    private let state: NIOLockedValueBox<State>

    init(_ base: SessionValues) {
        state = NIOLockedValueBox(State(edit: ValueEdit(base)))
    }

    /// The values with the changes so far.
    var values: ValueEdit { state.withLockedValue { $0.edit } }

    /// The changes so far.
    var changes: [ValueChange] { values.changes }

    /// Lets one more caller use the values.
    func open() -> TurnValues {
        state.withLockedValue { state in
            state.count += 1
            state.open.insert(state.count)
            return TurnValues(self, state.count)
        }
    }

    func close(_ number: Int) {
        state.withLockedValue { _ = $0.open.remove(number) }
    }

    /// Ends the use of the values by all callers.
    func end() {
        state.withLockedValue { $0.open = [] }
    }

    func edit(as number: Int, _ body: (inout ValueEdit) throws(ValueError) -> Void) throws(ValueError) {
        let result = state.withLockedValue { state -> Result<Void, ValueError> in
            guard state.open.contains(number) else { return .failure(.turnEnded) }
            do throws(ValueError) { return .success(try body(&state.edit)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
