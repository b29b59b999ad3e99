internal import NIOConcurrencyHelpers

/// Limits the number of servers that the tests of a process have at a time.
///
/// Tests run concurrently, and dozens of starting servers on few cores would miss the deadlines under test.
///
/// A test that has a turn may start more servers within it, so that two tests never wait for each other.
enum ServerTurn {
    /// The maximum number of processes: a group, and some single servers.
    private static let places = 10
    /// The places of a single server, including its test's other work.
    static let single = 2
    /// The places of a group.
    static let group = 6

    @TaskLocal private static var isHeld = false
    private static let line = NIOLockedValueBox(Line())

    private struct Line {
        var free = places
        var waiting: [(places: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Runs a function when there are places, in the order of arrival.
    static func take<Result>(_ places: Int, _ body: () async throws -> Result) async throws -> Result {
        if isHeld { return try await body() }
        await withCheckedContinuation { continuation in
            let isFree = line.withLockedValue { line in
                guard line.waiting.isEmpty, line.free >= places else {
                    line.waiting.append((places, continuation))
                    return false
                }
                line.free -= places
                return true
            }
            if isFree { continuation.resume() }
        }
        defer { leave(places) }
        return try await $isHeld.withValue(true) { try await body() }
    }

    private static func leave(_ places: Int) {
        let next = line.withLockedValue { line in
            line.free += places
            var next: [CheckedContinuation<Void, Never>] = []
            while let first = line.waiting.first, first.places <= line.free {
                line.free -= first.places
                next.append(line.waiting.removeFirst().continuation)
            }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}
