import Foundation
import NIOCore
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// A process that ends in the middle of a commit.
@Suite struct KilledWriterFaultTests {
    private let key = SessionKey("mortal", tenant: "faults")

    /// F5: kill -9 after the commit and before its reply.
    @Test func `what a process committed that was killed before it knew is a duplicate when it is sent again`()
        async throws
    {
        try await FaultFixture.run { fixture in
            // So the server knows the script: one request commits.
            var other = AuditedWriter(SessionKey("other"))
            try await other.append(to: fixture.watched)
            try await FaultProxy.run(to: .unixSocket(fixture.server.socketPath)) { proxy in
                let process = try WriterProcess("redis+unix://\(proxy.socketPath)", key, tasks: 1, appends: 1)
                try await process.begin()
                let text = try await process.next("batch", auditor: fixture.auditor)
                proxy.shape(.down) { $0.isHeld = true }
                try process.proceed()
                let log = StoredKeys(key).logKey
                try await eventually { try fixture.server.command(["EXISTS", log]) == "1" }
                await process.kill(auditor: fixture.auditor)
                let bytes = try #require(Data(base64Encoded: text))
                let batch = try EncodedBatch(stored: ByteBuffer(bytes: bytes))
                let origin = Position.origin(of: key, incarnation: batch.position.incarnation)
                let before = try await fixture.report()
                #expect(before.isClean, "\(before)")
                #expect(before.unknown == 1)
                #expect(before.acknowledged == 1)
                let result = try await fixture.watched.append(batch, to: key, expecting: origin)
                #expect(result == .duplicate(.primary))
                let after = try await fixture.report()
                #expect(after.acknowledged == 2)
            }
        }
    }
}
