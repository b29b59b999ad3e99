import NIOCore
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

extension NetworkFaultTests {
    /// F43: certificates.
    @Suite struct CertificateTests {
        /// F43: certificates that are refused, and one that is renewed while the store runs.
        @Test func `a store trusts whom it was told to, and takes a new certificate without a restart`() async throws {
            try await RedisCertificates.run { certificates in
                var options = RedisServer.Options()
                options.tls = certificates
                options.tlsCertificate = .expired
                try await RedisServer.runEncrypted(options) { server in
                    let port = try #require(server.tlsPort)
                    let url = try RedisURL("rediss://localhost:\(port)?ca=\(certificates.authorityPath)")
                    let store = RedisStore(url)
                    let auditor = SessionAudit(SessionKey("session"))
                    var writer = auditor.writer("a", on: store)
                    for name in [RedisCertificates.Name.expired, .otherHost] {
                        try present(name, of: certificates, to: server)
                        try await eventually {
                            let step = await writer.append()
                            #expect(step.failure?.committed == .no)
                            return step.failure?.reason == .denied
                        }
                    }
                    try present(.server, of: certificates, to: server)
                    try await eventually { await writer.append().isAcknowledged }
                    let foreign = RedisStore(
                        try RedisURL("rediss://localhost:\(port)?ca=\(certificates.foreignAuthorityPath)")
                    )
                    expect(await foreign.loaded(auditor.key), "denied, committed: no")
                    await foreign.close()
                    try await auditor.verify(with: store)
                    await store.close()
                }
            }
        }

        private func present(_ name: RedisCertificates.Name, of certificates: RedisCertificates, to server: RedisServer)
            throws
        {
            try server.command([
                "CONFIG", "SET", "tls-cert-file", certificates.certificatePath(name), "tls-key-file",
                certificates.keyPath(name),
            ])
        }
    }
}
