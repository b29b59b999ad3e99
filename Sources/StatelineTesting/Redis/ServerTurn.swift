internal import NIOConcurrencyHelpers

/// Lets only so many tests of a process have servers at a time: tests run side by side, and a machine of few cores on which
/// dozens of servers start at once misses deadlines that mean something.
///
/// Whoever has a turn already may start more servers within it, so that two tests never wait for each other.
enum ServerTurn {
    /// How many processes may run at a time: a group, and some single servers.
    private static let places = 10
    /// How many places a single server takes, for what its test does besides.
    static let single = 2
    /// How many places a group takes.
    static let group = 6

    @TaskLocal private static var isHeld = false
    private static let line = NIOLockedValueBox(Line())

    private struct Line {
        var free = places
        var waiting: [(places: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Runs a function once there are places, in the order of arrival.
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
