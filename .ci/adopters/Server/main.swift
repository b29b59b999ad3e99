// A server that shares one boundary among 200 tasks on 20 sessions, with a store that loses replies and a model that
// fails. Counted at the end: each answer that was paid for is in a session, or in the draft of an error.
import Foundation
import Stateline
import StatelineMemory
import Synchronization

/// A store in a decorator, as an adopter writes one for logging or tenancy.
///
/// Each seventh reply to an append is lost.
final class LossyStore: SessionStore {
    let base: any SessionStore
    var timeLimit: Duration? { base.timeLimit }
    private let appends = Mutex(0)

    init(_ base: some SessionStore) { self.base = base }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let result = try await base.append(batch, to: key, expecting: position)
        let isLost = appends.withLock { count in
            count += 1
            return count.isMultiple(of: 7)
        }
        if isLost { throw StoreError(.unavailable, committed: .unknown, message: "the reply was lost") }
        return result
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        try await base.load(key, after: position)
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        try await base.fork(key, at: position, to: fork, first: first)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        try await base.delete(key, expecting: position)
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(tenant, cursor: cursor, limit: limit)
    }
}

/// The answers that were paid for, and those that ended in an error's draft.
final class Ledger: Sendable {
    private let paid = Mutex(0)
    private let drafts = Mutex<[Draft]>([])

    /// Sells an answer, or fails: each ninth call.
    func sell() throws -> Answer {
        let number = paid.withLock { count in
            count += 1
            return count
        }
        if number.isMultiple(of: 9) { throw ModelError.rateLimited(retryAfter: nil, message: "slow down") }
        return .text("answer \(number)")
    }

    func keep(_ draft: Draft) { drafts.withLock { $0.append(draft) } }

    /// The answers that were sold.
    var sold: Set<String> {
        Set((1...paid.withLock { $0 }).filter { !$0.isMultiple(of: 9) }.map { "answer \($0)" })
    }
    /// The answers in drafts.
    var kept: [String] { drafts.withLock { $0.map(\.answer) } }
}

/// Runs 200 tasks, and returns a text that says how the answers were found.
func serve(_ concurrency: TurnConcurrency, cache: MemoryCache?) async throws -> String {
    let store = MemoryStore()
    let ledger = Ledger()
    let boundary = Boundary(store: LossyStore(store), cache: cache, concurrency: concurrency)
    let model = FunctionModel { _ in
        for _ in 0..<20 { await Task.yield() }
        return try ledger.sell()
    }
    let keys = (0..<20).map { SessionKey("session-\($0)", tenant: "acme") }
    await withTaskGroup { group in
        for number in 0..<200 {
            group.addTask {
                // A handle for each request, as servers have them.
                var session: ModelSession?
                while session == nil { session = try? await boundary.session(keys[number % 20], model: model) }
                for prompt in 1...3 {
                    do throws(SessionError) {
                        try await session!.respond(to: "request \(number), prompt \(prompt)")
                    } catch {
                        guard let draft = error.draft else { continue }
                        // Every second draft is put into the session; the others stay with the program.
                        guard number % 2 == 0, (try? await session!.commit(draft)) != nil else {
                            ledger.keep(draft)
                            continue
                        }
                    }
                }
            }
        }
    }
    var committed: [String] = []
    for key in keys {
        // From the store itself, through nothing that remembers.
        let session = try await Boundary(store: store).session(key, model: model, opening: .resume)
        committed += session.transcript.filter { if case .response = $0.content { true } else { false } }.map(\.text)
    }
    let lost = ledger.sold.subtracting(committed).subtracting(ledger.kept)
    guard lost.isEmpty else { throw Failure(description: "lost: \(lost.sorted())") }
    guard committed.count == Set(committed).count else { throw Failure(description: "an answer is in two places") }
    guard Set(committed).isSubset(of: ledger.sold) else { throw Failure(description: "an answer was not sold") }
    return "\(ledger.sold.count) paid: \(committed.count) in sessions, \(ledger.kept.count) in drafts"
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

do {
    print("optimistic:", try await serve(.optimistic, cache: nil))
    print("optimistic, with a cache:", try await serve(.optimistic, cache: MemoryCache(byteLimit: 64 << 20)))
    print("queued:", try await serve(.enqueue(limit: 64), cache: nil))
    print("queued, with a cache:", try await serve(.enqueue(limit: 64), cache: MemoryCache(byteLimit: 64 << 20)))
} catch {
    print(error)
    exit(1)
}
