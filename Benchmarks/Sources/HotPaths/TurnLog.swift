internal import NIOCore
@_spi(Benchmark) internal import Stateline
internal import StatelineMemory
@_spi(Benchmark) internal import StatelineRedis
internal import Workload

/// The log of a session with turns of 1 KiB each way, and the operations on its batches.
struct TurnLog {
    private let key: SessionKey
    private let batches: [EncodedBatch]

    /// Runs enough turns that each append gets a batch of its own.
    static func make() async throws -> TurnLog {
        let (short, long) = HotOperation.memoryAppend.runs
        let (key, batches) = try await FlatWorkload(entries: 2 * (2 * short + long + 2)).log()
        return TurnLog(key: key, batches: batches)
    }

    /// The newest batch, and the position before it.
    private var newest: (batch: EncodedBatch, before: Position) {
        (batches[batches.count - 1], batches[batches.count - 2].position)
    }

    func encoding() throws -> HotPath {
        let (encoded, before) = newest
        let (batch, head) = try encoded.decoded()
        return { times in
            for _ in 0..<times { keep(EncodedBatch.encoding(batch, head: head, after: before)) }
        }
    }

    func decoding() -> HotPath {
        let bytes = newest.batch.bytes
        return { times in
            for _ in 0..<times { keep(try EncodedBatch(stored: bytes).decoded()) }
        }
    }

    func sealing() throws -> HotPath {
        let (encoded, before) = newest
        let (batch, head) = try encoded.decoded()
        let sealed = try SealedBatch(batch, head: head, after: before, of: key, keys: KeyRing(.random(id: 1)))
        return { times in
            for _ in 0..<times { keep(sealed.encoding()) }
        }
    }

    func opening() throws -> HotPath {
        let (encoded, before) = newest
        let (batch, head) = try encoded.decoded()
        let sealed = try SealedBatch(batch, head: head, after: before, of: key, keys: KeyRing(.random(id: 1)))
        let bytes = sealed.encoding().bytes
        return { times in
            for _ in 0..<times { keep(try sealed.decoding(EncodedBatch(stored: bytes))) }
        }
    }

    func appending() async throws -> HotPath {
        let store = MemoryStore()
        var next = 0
        let append = { [self] () async throws in
            let batch = batches[next]
            let origin = Position.origin(of: key, incarnation: batch.position.incarnation)
            let before = next == 0 ? origin : batches[next - 1].position
            guard case .committed = try await store.append(batch, to: key, expecting: before) else {
                preconditionFailure("a batch was not committed")
            }
            next += 1
        }
        try await append()
        return { times in
            for _ in 0..<times { try await append() }
        }
    }

    func loading() async throws -> HotPath {
        let store = MemoryStore()
        var before = Position.origin(of: key, incarnation: batches[0].position.incarnation)
        for batch in batches {
            _ = try await store.append(batch, to: key, expecting: before)
            before = batch.position
        }
        let position = newest.before
        return { [key] times in
            for _ in 0..<times {
                guard case .tail(let batches) = try await store.load(key, after: position), batches.count == 1 else {
                    preconditionFailure("the newest batch was not there")
                }
            }
        }
    }

    func commanding() -> HotPath {
        let (batch, before) = newest
        let probe = WireProbe()
        return { [key] times in
            for _ in 0..<times { keep(probe.encodeCommit(of: batch, to: key, expecting: before)) }
        }
    }
}

extension HotOperation {
    /// Prepares the parsing of replies of 1 KiB, one at a time.
    func replies() -> HotPath {
        let reply = ByteBuffer(string: "$1024\r\n" + String(repeating: "a", count: 1_024) + "\r\n")
        let probe = WireProbe()
        return { times in
            for _ in 0..<times {
                let count = probe.parse(reply)
                precondition(count == 1, "the reply was not parsed")
            }
        }
    }
}
