import NIOCore
import Stateline
import StatelineTesting
import Synchronization

/// A store whose appends and loads hang, fail or contradict themselves on request.
final class StrayStore: ForwardingStore {
    enum Mode: Sendable {
        case pass
        /// The request lasts until ``release()``, whether its task is cancelled or not.
        case hang
        case fail(StoreError)
        /// The log has moved on, and the reply holds no batch.
        case staleEmpty
    }

    private struct State {
        var base: any SessionStore
        var appends: [Mode] = []
        var appendRest = Mode.pass
        var loads: [Mode] = []
        var loadRest = Mode.pass
        var hanging: [CheckedContinuation<Void, Never>] = []
        var appendCount = 0
        var loadCount = 0
        var written = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// By default none, so that requests are watched.
    let timeLimit: Duration?
    private let state: Mutex<State>

    init(_ base: any SessionStore, timeLimit: Duration? = nil) {
        self.timeLimit = timeLimit
        self.state = Mutex(State(base: base))
    }

    var base: any SessionStore { state.withLock { $0.base } }
    var appendCount: Int { state.withLock { $0.appendCount } }
    var loadCount: Int { state.withLock { $0.loadCount } }
    var written: Int { state.withLock { $0.written } }

    func replaceBase(_ base: any SessionStore) { state.withLock { $0.base = base } }

    /// Sets the outcomes of the next appends, and of all others.
    func appends(_ next: [Mode], rest: Mode) { state.withLock { ($0.appends, $0.appendRest) = (next, rest) } }

    /// Sets the outcomes of the next loads, and of all others.
    func loads(_ next: [Mode], rest: Mode) { state.withLock { ($0.loads, $0.loadRest) = (next, rest) } }

    /// Lets all requests go on.
    func release() {
        let hanging = state.withLock { state in
            state.appends = []
            state.loads = []
            state.appendRest = .pass
            state.loadRest = .pass
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in hanging { continuation.resume() }
    }

    private func hang() async {
        await withCheckedContinuation { continuation in
            let waiter = state.withLock { state in
                state.hanging.append(continuation)
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// Returns once a request hangs.
    func waitUntilHanging() async {
        await withCheckedContinuation { continuation in
            let isHanging = state.withLock { state in
                if state.hanging.isEmpty { state.waiter = continuation }
                return !state.hanging.isEmpty
            }
            if isHanging { continuation.resume() }
        }
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let mode = state.withLock { state in
            state.loadCount += 1
            return state.loads.isEmpty ? state.loadRest : state.loads.removeFirst()
        }
        switch mode {
        case .hang: await hang()
        case .fail(let error): throw error
        case .pass, .staleEmpty: break
        }
        return try await base.load(key, after: position)
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let mode = state.withLock { state in
            state.appendCount += 1
            state.written += batch.bytes.readableBytes
            return state.appends.isEmpty ? state.appendRest : state.appends.removeFirst()
        }
        switch mode {
        case .hang: await hang()
        case .fail(let error): throw error
        case .staleEmpty: return .stale(missing: [])
        case .pass: break
        }
        return try await base.append(batch, to: key, expecting: position)
    }
}
