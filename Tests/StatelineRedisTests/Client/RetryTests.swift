import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RetryClassTests {
    @Test(
        arguments: [
            ("LOADING Redis is loading the dataset in memory", .wait),
            ("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", .wait),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .wait),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .wait),
            ("ERR Script attempted to access a non local key in a cluster node script: f, on @user_script:5.", .wait),
            ("ERR Error running script (call to f): @user_script:9: READONLY You can't write.", .refresh),
            ("CLUSTERDOWN Hash slot not served", .refresh), ("CLUSTERDOWN", .refresh),
            ("READONLY You can't write against a read only replica.", .refresh),
            ("NOSCRIPT No matching script. Please use EVAL.", .no), ("OOM command not allowed", .no),
            ("NOPERM this user has no permissions", .no), ("NOAUTH Authentication required.", .no),
            ("WRONGTYPE Operation against a key", .no), ("BUSYKEY Target key name already exists.", .no),
            ("BUSYGROUP Consumer Group name already exists", .no), ("ERR unknown command", .no), ("", .no),
            ("CROSSSLOT Keys in request don't hash to the same slot", .no), ("NOREPLICAS Not enough", .no),
            ("MOVED", .no), ("MOVED 1", .no), ("MOVED 16384 h:1", .no), ("MOVED 1 h", .no), ("MOVED 1 h:0", .no),
        ] as [(String, RetryClass)]
    )
    func `a server's error has a class by its code alone`(text: String, expected: RetryClass) {
        #expect(RetryClass(serverError: text) == expected)
    }

    @Test(arguments: [
        ("3999 127.0.0.1:6381", RedisEndpoint.host("127.0.0.1", port: 6381)),
        ("3999 2001:db8::1:6381", .host("2001:db8::1", port: 6381)),
        ("3999 :6381", .host("asked", port: 6381)), ("3999 ?:6381", .host("asked", port: 6381)),
    ])
    func `a redirection names a node as its sender's neighbour`(text: String, endpoint: RedisEndpoint) throws {
        for code in ["MOVED", "ASK"] {
            switch RetryClass(serverError: "\(code) \(text)") {
            case .moved(let redirection) where code == "MOVED", .ask(let redirection) where code == "ASK":
                #expect(redirection.slot.rawValue == 3999)
                #expect(redirection.endpoint(asSeenFrom: .host("asked", port: 1)) == endpoint)
            case let other: Issue.record("\(other)")
            }
        }
    }
}

@Suite struct BackoffTests {
    @Test func `the ceiling doubles up to its limit and never overflows`() {
        let backoff = Backoff(base: .milliseconds(10), limit: .seconds(1))
        let ceilings = [0, 1, 2, 3, 7, 8, 1000, .max].map { backoff.ceiling(after: $0) }
        #expect(ceilings == [10, 10, 20, 40, 640, 1000, 1000, 1000].map { TimeAmount.milliseconds($0) })
        #expect(Backoff(base: .hours(1 << 19), limit: .hours(1 << 20)).ceiling(after: 40) == .hours(1 << 20))
    }

    @Test func `delays fill all that lies under the ceiling`() {
        let backoff = Backoff(base: .milliseconds(8), limit: .seconds(1))
        var generator = SeededGenerator(seed: 7)
        var octants = Set<Int64>()
        for _ in 0..<1000 {
            let delay = backoff.delay(after: 4, using: &generator)
            #expect(TimeAmount.zero...TimeAmount.milliseconds(64) ~= delay)
            octants.insert(min(delay.nanoseconds / 8_000_000, 7))
        }
        #expect(octants == Set(0..<8))
    }
}
