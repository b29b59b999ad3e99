internal import NIOConcurrencyHelpers
internal import NIOCore

/// Lines that are lent to one request at a time.
final class LendingPool: Sendable {
    private struct State {
        var idle: [Line]
        var waiters: Waiters<Line>
    }

    private let loop: any EventLoop
    private let counter: ClientCounter
    private let lines: [Line]
    private let state: NIOLockedValueBox<State>

    /// Makes a pool of lines of which none has a connection.
    init(_ lines: [Line], waitingLimit: Int, on loop: any EventLoop, counter: ClientCounter) {
        self.loop = loop
        self.counter = counter
        self.lines = lines
        self.state = NIOLockedValueBox(State(idle: lines.reversed(), waiters: Waiters(limit: waitingLimit)))
    }

    /// Lends a line to the body; the one that was used last comes first.
    ///
    /// A line that may still owe a reply, because the body threw, is not lent again with the same connection, so that
    /// nobody waits behind it. What a body returned is all that was due.
    func withLine<Value>(
        until deadline: NIODeadline,
        _ body: (Line) async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let line = try await borrow(until: deadline)
        defer { giveBack(line) }
        do throws(RedisError) {
            return try await body(line)
        } catch {
            if let connection = line.openConnection, connection.pendingCommands > 0 {
                line.renew(madeBefore: .distantFuture)
            }
            throw error
        }
    }

    private func borrow(until deadline: NIODeadline) async throws(RedisError) -> Line {
        let (line, entry) = state.withLockedValue { state in
            if let line = state.idle.popLast() { return (Optional(line), (id: UInt64, waiter: Waiter<Line>)?.none) }
            return (nil, state.waiters.add())
        }
        if let line { return line }
        guard let entry else {
            counter.count(\.overloads)
            throw .tooManyWait
        }
        defer { state.withLockedValue { $0.waiters.remove(entry.id) } }
        let overdue = RedisError(.timedOut, .notSent, message: "no connection was free in time")
        do throws(RedisError) {
            return try await entry.waiter.value(until: deadline, on: loop, overdue: overdue)
        } catch {
            if error == overdue { counter.count(\.connectTimeouts) }
            throw error
        }
    }

    private func giveBack(_ line: Line) {
        while let waiter = state.withLockedValue({ state -> Waiter<Line>? in
            guard let waiter = state.waiters.takeFirst() else {
                state.idle.append(line)
                return nil
            }
            return waiter
        }) {
            if waiter.finish(.success(line)) { return }
        }
    }

    /// All the lines, lent or not.
    var all: [Line] { lines }
}
