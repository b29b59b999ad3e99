internal import ArgumentParser
internal import CCounts
internal import Foundation
internal import Measurement
internal import Stateline
internal import StatelineMemory

/// Measures the memory of idle sessions in a store in memory.
///
/// Each session has one entry. The figure is the growth of the process's resident memory for each session, without the
/// session's content: its id and its entry's text. Unused memory of the allocator is returned to the system before each
/// reading.
struct IdleTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract:
            "Resident memory of a million idle sessions of one entry, which may be 1 KiB each beside their content."
    )

    @Option(help: "How many sessions; a million unless given, 100,000 with --quick.")
    var sessions: Int?

    @OptionGroup var options: RunOptions

    private static let limit = 1_024.0

    func validate() throws {
        guard sessions.map({ $0 >= 1_000 }) ?? true else {
            throw ValidationError("1,000 sessions at least: of fewer, what the process itself takes is too much")
        }
    }

    func run() async throws {
        let count = sessions ?? (options.quick ? 100_000 : 1_000_000)
        let store = MemoryStore()
        // Without the store's cache, which keeps recently used sessions beside it, up to its bound.
        let bare: any SessionStore = store
        let boundary = Boundary(store: bare)
        let model = FunctionModel { _ in .text("") }
        let text = String(repeating: "a", count: 64)
        // Makes what is made once, at the first use.
        _ = try await boundary.session(SessionKey("warm"), model: model, instructions: text)
        let before = Memory.current
        var content = 0
        for number in 0..<count {
            let id = "session-\(number)"
            content += id.utf8.count + text.utf8.count
            _ = try await boundary.session(SessionKey(id), model: model, instructions: text)
            if number % (count / 4) == 0 { Progress.print("idle: \(number) of \(count) sessions") }
        }
        let after = Memory.current
        guard store.keyCount == count + 1 else { throw ValidationError("the store lost sessions") }
        let each = { (bytes: Int) in Double(bytes - content) / Double(count) }
        try options.finish(
            Report([
                item("resident memory of an idle session, of \(count)", each(after.resident - before.resident)),
                item("allocated memory of an idle session, of \(count)", each(after.allocated - before.allocated)),
            ]),
            footer: [
                "Not counted in it is a session's own content: \(content / count) bytes of id and text.",
                "The store's own account of all of it: \(store.byteCount / count) bytes each.",
            ]
        )
    }

    private func item(_ name: String, _ bytes: Double) -> Report.Case {
        Report.Case(
            name: name,
            peer: "the limit",
            ours: bytes,
            theirs: Self.limit,
            unit: "B",
            ratio: Ratio(exactly: bytes / Self.limit),
            target: .atMost(1)
        )
    }
}

/// The memory of this process, in bytes.
private struct Memory {
    let resident: Int
    let allocated: Int

    /// Returns unused memory to the system, and reads the resident memory.
    static var current: Memory {
        stateline_counts_trim()
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        let pages = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        return Memory(resident: pages * Int(sysconf(Int32(_SC_PAGESIZE))), allocated: stateline_counts_allocated())
    }
}
