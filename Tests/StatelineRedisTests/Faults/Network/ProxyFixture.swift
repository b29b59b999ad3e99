import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// A server, a proxy before it, and stores through the proxy.
final class ProxyFixture: Sendable {
    let server: RedisServer
    let proxy: FaultProxy
    private let stores = NIOLockedValueBox<[RedisStore]>([])

    private init(_ server: RedisServer, _ proxy: FaultProxy) {
        self.server = server
        self.proxy = proxy
    }

    /// Runs them while the body runs, and closes the stores.
    static func run(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (ProxyFixture) async throws -> Void
    ) async throws {
        try await RedisServer.run(options) { server in
            try await FaultProxy.run(to: .unixSocket(server.socketPath)) { proxy in
                let fixture = ProxyFixture(server, proxy)
                do {
                    try await body(fixture)
                } catch {
                    await fixture.close()
                    throw error
                }
                await fixture.close()
            }
        }
    }

    private func close() async {
        // Nothing more is waited for: what a test left frozen or swallowed would never be answered.
        proxy.mend()
        await proxy.cut(.close)
        for store in stores.withLockedValue(\.self) { await store.close() }
    }

    /// A store through the proxy, with connections of its own.
    func store(
        _ lifetime: Lifetime? = nil,
        timeout: Duration = .seconds(10),
        _ change: (inout ClusterConfiguration) -> Void = { _ in }
    ) throws -> RedisStore {
        var configuration = ClusterConfiguration()
        change(&configuration)
        let store = RedisStore(
            sender: RedisClient(try RedisURL("redis://127.0.0.1:\(proxy.port)"), configuration),
            lifetime: lifetime,
            timeout: timeout
        )
        stores.withLockedValue { $0.append(store) }
        return store
    }

    /// An auditor of a new session, and who created it.
    func audit(
        _ id: String = "session",
        on store: RedisStore,
        tenant: Tenant = .default
    ) async throws -> (SessionAudit, Appender) {
        let auditor = SessionAudit(SessionKey(id, tenant: tenant))
        var writer = auditor.writer("first", on: store)
        try await writer.create()
        return (auditor, writer)
    }
}

/// Faults of networks, clusters and sentinels, one after the other, so that each has the machine.
@Suite(.serialized) enum NetworkFaultTests {}

/// Compares, and shows both.
func expect(_ actual: String, _ expected: String, _ why: String = "", at place: SourceLocation = #_sourceLocation) {
    #expect(actual == expected, "\(why)", sourceLocation: place)
}

/// Wants a batch to be in the log, and shows what came instead.
func expectAcknowledged(_ step: Appender.Step, at place: SourceLocation = #_sourceLocation) {
    #expect(step.isAcknowledged, "\(step)", sourceLocation: place)
}

extension RedisServer {
    /// Whether this run has time for the long variants.
    static var isSoak: Bool { ProcessInfo.processInfo.environment["STATELINE_SOAK"] == "1" }
}

extension Appender.Step {
    /// Whether the batch is in the log.
    var isAcknowledged: Bool {
        switch self {
        case .committed, .duplicate: true
        default: false
        }
    }

    /// The error, where there was one.
    var failure: StoreError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

extension SessionStore {
    /// What a load comes to, as text.
    func loaded(_ key: SessionKey, after position: Position? = nil) async -> String {
        do throws(StoreError) {
            return switch try await load(key, after: position) {
            case .tail(let batches): "tail of \(batches.count)"
            case .current: "current"
            case .gone(let absence): "gone, \(absence)"
            case .regressed: "regressed"
            }
        } catch {
            return "\(error.reason), committed: \(error.committed)"
        }
    }
}

extension AppendResult {
    /// What an append came to, as text: in doubt or not, it is in the log.
    var text: String {
        switch self {
        case .committed, .duplicate: "in the log"
        case .stale(let missing): "stale by \(missing.count)"
        case .regressed: "regressed"
        case .gone(let absence): "gone, \(absence)"
        }
    }
}
