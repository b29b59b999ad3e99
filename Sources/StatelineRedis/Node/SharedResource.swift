internal import NIOConcurrencyHelpers
internal import NIOCore

/// Something that many use, such as a connection, made when it is wanted by one attempt for all who wait.
///
/// An attempt belongs to the resource and not to the request that began it, whose deadline may be near and whose task may
/// be cancelled: it is a future of the loop's, and ``close()`` waits for its end. Nothing else goes on in the background.
final class SharedResource<Value: Sendable>: Sendable {
    /// How it is made and judged.
    struct Rules: Sendable {
        /// The pauses between failed attempts.
        var backoff: Backoff
        /// How long a request waits for an attempt that follows a failed one.
        var patience: TimeAmount
        /// How many requests wait for an attempt.
        var waitingLimit: Int
        /// Whether it still serves.
        var isGood: @Sendable (Value) -> Bool
        /// Lets go of it.
        var discard: @Sendable (Value) -> Void
        /// Has one that was doubted make way for another one.
        var makeWay: @Sendable (Value) -> Void
        /// Makes it, for the resource that it is given.
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

    /// Describes a resource, which nobody has made yet.
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

    /// What is there, if it serves.
    var current: Value? {
        guard let value = state.withLockedValue(\.machine.value), rules.isGood(value) else { return nil }
        return value
    }

    /// What is there; it is made first where nothing is.
    ///
    /// - Throws: ``RedisError``, with nothing sent.
    func value(until deadline: NIODeadline) async throws(RedisError) -> Value {
        if let value = current { return value }
        let (action, entry, attempt) = request(until: deadline)
        switch action {
        case .use(let value):
            return value
        case .fail(let error):
            if error.reason == .overloaded { counter.count(\.overloads) }
            throw error
        case .make(let end, let last):
            begin(ending: attempt)
            return try await wait(for: entry, until: end, deadline, last)
        case .wait(let end, let last):
            return try await wait(for: entry, until: end, deadline, last)
        }
    }

    /// Has it made where it does not serve any more, and waits for nothing.
    func prepare() {
        let (action, entry, attempt) = request(until: .distantFuture)
        if case .make = action { begin(ending: attempt) }
        if let entry { state.withLockedValue { $0.waiters.remove(entry.id) } }
    }

    private typealias Entry = (id: UInt64, waiter: Waiter<Value>)

    private func request(
        until deadline: NIODeadline
    ) -> (SharedResourceStateMachine<Value>.RequestAction, Entry?, EventLoopPromise<Void>?) {
        let now = NIODeadline.now()
        return state.withLockedValue { state in
            // Who finds the queue full may not begin an attempt either, since nobody would be told of it.
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
        let timedOut = RedisError(.timedOut, .notSent, message: "there was no connection in time")
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

    /// Lets go of what is there, if it is what is meant; the next request has another one made.
    func renew(where isMeant: (Value) -> Bool) {
        let action = state.withLockedValue { state in
            guard let value = state.machine.value, isMeant(value) else {
                return SharedResourceStateMachine<Value>.Action.none
            }
            return state.machine.renew()
        }
        perform(action, for: [])
    }

    /// Has another one made beside what is there, if that is what is meant; it goes on serving until the other is there.
    ///
    /// - Returns: `true` if what is there is what is meant.
    @discardableResult
    func doubt(where isMeant: (Value) -> Bool) -> Bool {
        let (isFound, attempt) = state.withLockedValue { state -> (Bool, EventLoopPromise<Void>?) in
            guard let value = state.machine.value, isMeant(value) else { return (false, nil) }
            guard state.machine.doubted() else { return (true, nil) }
            let attempt = loop.makePromise(of: Void.self)
            state.attempt = attempt.futureResult
            return (true, attempt)
        }
        if let attempt { begin(ending: attempt) }
        return isFound
    }

    /// Serves nobody any more.
    func beginClose() {
        let (action, waiters) = state.withLockedValue { ($0.machine.close(), $0.waiters.takeAll()) }
        perform(action, for: waiters)
    }

    /// Serves nobody any more, and returns when the last attempt has ended.
    func close() async {
        beginClose()
        try? await state.withLockedValue(\.attempt)?.get()
    }
}

extension RedisError {
    /// More wait for a connection than may.
    static var tooManyWait: RedisError {
        RedisError(.overloaded, .notSent, message: "too many requests wait for a connection")
    }
}
