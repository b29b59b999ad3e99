internal import NIOCore
package import Stateline
internal import StatelineMemory

/// Turns of 1 KiB each way on a session that already has a number of such entries.
///
/// The session is built turn by turn, so that its rendering is that of a real one. Turns run on forks of it, so each
/// finds the same length.
package struct FlatWorkload: Sendable {
    /// Counts that need no clock: the maximum over all turns.
    package struct Counts: Codable, Hashable, Sendable {
        /// Chunks of a request.
        package var chunks = 0
        /// Bytes of a request.
        package var requestBytes = 0
        /// Bytes appended to the store beyond the new entries, for each crossing.
        package var bytesBeyondEntries = 0
        /// Store round trips.
        package var roundTrips = 0
    }

    /// The number of forks that turns run on, if one is not enough.
    package static let forkCount = 8

    private let session: ModelSession
    private let store: MemoryStore
    private let model: NullTransport
    private let prompt: Prompt

    /// Builds a session of a number of entries of 1 KiB, which is even, because a turn adds two.
    ///
    /// - Parameters:
    ///   - entries: The number of entries.
    ///   - isCached: `true` if handles use the store's cache, as they do by default; `false` to count the turn and the
    ///     store alone.
    /// - Throws: ``SessionError``, if the memory store refuses the session.
    package init(entries: Int, isCached: Bool = false) async throws {
        precondition(entries > 0 && entries.isMultiple(of: 2), "a turn adds two entries")
        let text = String(repeating: "a", count: 1_024)
        self.model = NullTransport(answer: text)
        self.prompt = Prompt(text)
        self.store = MemoryStore()
        let bare: any SessionStore = store
        let boundary = isCached ? Boundary(store: store) : Boundary(store: bare)
        self.session = try await boundary.session(SessionKey("flat"), model: model)
        for _ in 0..<entries / 2 { _ = try await session.respond(to: prompt) }
        precondition(session.transcript.count == entries, "the session is not as long as it should be")
    }

    /// Makes forks to run turns on, with names that no fork had before.
    package func forks(_ names: some Sequence<String>) async throws -> [ModelSession] {
        var forks: [ModelSession] = []
        for name in names { forks.append(try await session.fork(as: name)) }
        return forks
    }

    /// Runs turns on each of some forks.
    package func run(turns: Int, on forks: [ModelSession]) async throws {
        for fork in forks {
            for _ in 0..<turns { _ = try await fork.respond(to: prompt) }
        }
    }

    /// Begins turns, makes their requests, and abandons them before a call.
    ///
    /// - Returns: The bytes of the requests.
    package func project(times: Int) async throws -> Int {
        var bytes = 0
        for _ in 0..<times {
            var turn = try await session.checkout(prompt)
            bytes += turn.request.body.byteCount
            await turn.abandon()
        }
        return bytes
    }

    /// Returns the session's log: its key, and all of its batches.
    package func log() async throws -> (key: SessionKey, batches: [EncodedBatch]) {
        guard case .tail(let batches) = try await store.load(session.key, after: nil) else { return (session.key, []) }
        return (session.key, batches)
    }

    /// Runs turns on a fork and returns their counts.
    package func count(turns: Int, on fork: ModelSession) async throws -> Counts {
        var counts = Counts()
        for _ in 0..<turns {
            let response = try await fork.respond(to: prompt)
            var stored = ByteBuffer()
            EntryDialect().render(response.entries[...], after: Transcript()[...], into: &stored)
            let beyond = response.trace.storeBytesWritten - stored.readableBytes
            counts.chunks = max(counts.chunks, model.mostChunks)
            counts.requestBytes = max(counts.requestBytes, response.trace.requestBytes)
            counts.bytesBeyondEntries = max(counts.bytesBeyondEntries, beyond / response.trace.crossings.count)
            counts.roundTrips = max(counts.roundTrips, response.trace.storeRoundTrips)
        }
        return counts
    }
}
