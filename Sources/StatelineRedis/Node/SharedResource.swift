internal import NIOConcurrencyHelpers
internal import NIOCore

/// A value that requests share, such as a connection.
///
/// It is made on demand, by one attempt for all requests that wait.
///
/// An attempt belongs to the resource and not to the request that began it, whose deadline may be near and whose task
/// may be cancelled. It is a future of the event loop, and ``close()`` waits for its end. There is no other background
/// work.
final class SharedResource<Value: Sendable>: Sendable {
    /// The functions and limits of a resource.
    struct Rules: Sendable {
        /// The pauses between failed attempts.
        var backoff: Backoff
        /// The maximum time that a request waits for an attempt after a failed one.
        var patience: TimeAmount
        /// The maximum number of requests that wait for an attempt.
        var waitingLimit: Int
        /// Returns `true` if a value is still usable.
        var isGood: @Sendable (Value) -> Bool
        /// Disposes of a value.
        var discard: @Sendable (Value) -> Void
        /// Disposes of a suspect value that another one replaces.
        var makeWay: @Sendable (Value) -> Void
        /// Makes a value for a resource.
        var make: @Sendable (SharedResource<Value>) async throws(RedisError) -> Value
    }

    private struct State {
        var machine: SharedResourceStateMachine<Value>
        var waiters: Waiters<Value>
        var attempt: EventLoopFuture<Void>?
        var generator = SystemRandomNumberGenerator()
    }

    private let rules: Rules
    private let loop: any EventLoop
    private let counter: ClientCounter
    private let state: NIOLockedValueBox<State>

    /// Makes a resource without a value.
    init(_ rules: Rules, on loop: any EventLoop, counter: ClientCounter) {
        self.rules = rules
        self.loop = loop
        self.counter = counter
        self.state = NIOLockedValueBox(
            State(
                machine: SharedResourceStateMachine(backoff: rules.backoff, patience: rules.patience),
                waiters: Waiters(limit: rules.waitingLimit)
            )
        )
    }

    /// The value, if it is usable.
    var current: Value? {
        guard let value = state.withLockedValue(\.machine.value), rules.isGood(value) else { return nil }
        return value
    }

    /// `true` if the last attempt failed.
    var isDown: Bool { state.withLockedValue(\.machine.isDown) }

    /// The number of requests that wait for an attempt.
    var waitingCount: Int { state.withLockedValue(\.waiters.count) }

    /// Returns the value, and makes it first if there is none.
    ///
    /// - Throws: ``RedisError``, with nothing sent.
    func value(until deadline: NIODeadline) async throws(RedisError) -> Value {
        if let value = current { return value }
        let (action, entry, attempt) = request(until: deadline)
        switch action {
        case .use(let value):
            return value
        case .fail(let error):
            if error.reason == .overloaded { counter.overloaded() }
            throw error
        case .make(let end, let last):
            begin(ending: attempt)
            return try await wait(for: entry, until: end, deadline, last)
        case .wait(let end, let last):
            return try await wait(for: entry, until: end, deadline, last)
        }
    }

    /// Begins an attempt if there is no usable value, without waiting for it.
    ///
    /// - Returns: `true` if an attempt was begun.
    @discardableResult
    func prepare() -> Bool {
        let (action, entry, attempt) = request(until: .distantFuture)
        if let entry { state.withLockedValue { $0.waiters.remove(entry.id) } }
        guard case .make = action else { return false }
        begin(ending: attempt)
        return true
    }

    private typealias Entry = (id: UInt64, waiter: Waiter<Value>)

    private func request(
        until deadline: NIODeadline
    ) -> (SharedResourceStateMachine<Value>.RequestAction, Entry?, EventLoopPromise<Void>?) {
        let now = NIODeadline.now()
        return state.withLockedValue { state in
            // A request that finds the queue full must not begin an attempt: no waiter would get its result.
            guard let entry = state.waiters.add() else { return (.fail(.tooManyWait), nil, nil) }
            let action = state.machine.requested(until: deadline, now: now, isGood: rules.isGood)
            switch action {
            case .use, .fail:
                state.waiters.remove(entry.id)
                return (action, nil, nil)
            case .make:
                let attempt = loop.makePromise(of: Void.self)
                state.attempt = attempt.futureResult
                return (action, entry, attempt)
            case .wait:
                return (action, entry, nil)
            }
        }
    }

    private func wait(
        for entry: Entry?,
        until end: NIODeadline,
        _ deadline: NIODeadline,
        _ last: RedisError?
    ) async throws(RedisError) -> Value {
        guard let entry else { throw .tooManyWait }
        defer { state.withLockedValue { $0.waiters.remove(entry.id) } }
        let timedOut = RedisError(.timedOut, .notSent, message: "no connection was available before the deadline")
        let overdue = end < deadline ? last ?? timedOut : timedOut
        do throws(RedisError) {
            return try await entry.waiter.value(until: end, on: loop, overdue: overdue)
        } catch {
            if error == overdue { counter.count(\.connectTimeouts) }
            throw error
        }
    }

    private func begin(ending attempt: EventLoopPromise<Void>?) {
        loop.makeFutureWithTask { () async in
            do throws(RedisError) {
                self.ended(.success(try await self.rules.make(self)))
            } catch {
                self.ended(.failure(error))
            }
        }
        .cascade(to: attempt)
    }

    private func ended(_ result: Result<Value, RedisError>) {
        let now = NIODeadline.now()
        let (action, waiters) = state.withLockedValue { state in
            let action =
                switch result {
                case .success(let value): state.machine.made(value)
                case .failure(let error): state.machine.failed(error, now: now, using: &state.generator)
                }
            return (action, state.waiters.takeAll())
        }
        perform(action, for: waiters)
    }

    private func perform(_ action: SharedResourceStateMachine<Value>.Action, for waiters: [Waiter<Value>]) {
        switch action {
        case .serve(let value):
            for waiter in waiters { waiter.finish(.success(value)) }
        case .fail(let error):
            for waiter in waiters { waiter.finish(.failure(error)) }
        case .discard(let value):
            rules.discard(value)
        case .replace(let old, let value):
            for waiter in waiters { waiter.finish(.success(value)) }
            rules.makeWay(old)
        case .none:
            break
        }
    }

    /// Disposes of the value if it satisfies a condition.
    ///
    /// The next request makes another one.
    func renew(where isMeant: (Value) -> Bool) {
        let action = state.withLockedValue { state in
            guard let value = state.machine.value, isMeant(value) else {
                return SharedResourceStateMachine<Value>.Action.none
            }
            return state.machine.renew()
        }
        perform(action, for: [])
    }

    /// Begins to make a replacement if the value satisfies a condition.
    ///
    /// The value stays in use until the replacement is made.
    ///
    /// - Returns: `true` if the value satisfies the condition.
    @discardableResult
    func replace(where isMeant: (Value) -> Bool) -> Bool {
        let (isFound, attempt) = state.withLockedValue { state -> (Bool, EventLoopPromise<Void>?) in
            guard let value = state.machine.value, isMeant(value) else { return (false, nil) }
            guard state.machine.replacementRequested() else { return (true, nil) }
            let attempt = loop.makePromise(of: Void.self)
            state.attempt = attempt.futureResult
            return (true, attempt)
        }
        if let attempt { begin(ending: attempt) }
        return isFound
    }

    /// Accepts no more requests.
    func beginClose() {
        let (action, waiters) = state.withLockedValue { ($0.machine.close(), $0.waiters.takeAll()) }
        perform(action, for: waiters)
    }

    /// Accepts no more requests, and returns when the last attempt has ended.
    func close() async {
        beginClose()
        try? await state.withLockedValue(\.attempt)?.get()
    }
}

extension RedisError {
    /// Too many requests are waiting for a connection.
    static var tooManyWait: RedisError {
        RedisError(.overloaded, .notSent, message: "too many requests are waiting for a connection")
    }
}
