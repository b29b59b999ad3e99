internal import Foundation
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Stateline
internal import StatelineLoad
internal import StatelineRedis
internal import StatelineTesting

/// Another process that writes to a session in Redis, for the tests of `StatelineRedis`.
///
/// It says `ready` and reads what to do from its standard input, in a line: `URL TENANT ID TASKS APPENDS WORK`.
///
/// If the work is `turns` or `failures`, it takes that number of turns, each after a call that fails, or only makes calls
/// that fail, and says `done` with what became of them. If the work is `batches`, it says what its first batch is, so
/// that somebody else can send it again, and waits for another line; appends, and says `done`, with how often it was too
/// late. What its auditor sees is written down as it happens. It ends when its standard input does.
@main
enum RedisWriter {
    static func main() async throws {
        say("ready")
        let order = (readLine() ?? "").split(separator: " ").map(String.init)
        guard order.count == 6, let taskCount = Int(order[3]), let appendCount = Int(order[4]) else { exit(64) }
        let key = SessionKey(order[2], tenant: Tenant(rawValue: order[1]))
        let store = RedisStore(try RedisURL(order[0]))
        if order[5] != "batches" {
            let writer = try await TurnWriter(key, name: "there", store: store)
            say("done \(try await writer.write(appendCount, isAnswered: order[5] == "turns"))")
            await store.close()
            exit(0)
        }
        let auditor = AppendAuditor(journal: say)
        let watched = FirstBatchStore(base: auditor.watching(store))
        let conflicts = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<taskCount {
                group.addTask {
                    var writer = AuditedWriter(key, name: "process \(getpid()), task \(task)")
                    for _ in 0..<appendCount { try await writer.append(to: watched) }
                    return writer.conflicts
                }
            }
            var conflicts = 0
            for try await count in group { conflicts += count }
            return conflicts
        }
        await store.close()
        let readings = auditor.readings
        say("done \(conflicts) \(readings.isClean ? "clean" : "\(readings)")")
        exit(0)
    }

    /// Writes a line at once: whoever kills this process has read all that was said before.
    @Sendable
    fileprivate static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// A store that says what the first batch is before it is appended.
private struct FirstBatchStore: ForwardingStore {
    let base: any SessionStore
    private let hasSaid = NIOLockedValueBox(false)

    init(base: any SessionStore) {
        self.base = base
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let isFirst = hasSaid.withLockedValue { hasSaid in
            defer { hasSaid = true }
            return !hasSaid
        }
        if isFirst {
            // The connection that the commit goes over stands before anybody can hold up its replies.
            _ = try await base.load(key, after: position)
            RedisWriter.say("batch \(Data(batch.bytes.readableBytesView).base64EncodedString())")
            guard readLine() != nil else { exit(1) }
            Thread.detachNewThread {
                while readLine() != nil {}
                exit(1)
            }
        }
        return try await base.append(batch, to: key, expecting: position)
    }
}
