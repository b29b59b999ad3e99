import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

@Suite struct PermissionTests {
    private static func refund(_ ran: @escaping @Sendable (ToolContext) -> Void) -> JSONTool {
        JSONTool(
            ToolDefinition(name: "refund", description: "Refunds an order.", parameters: .object()),
            requiredPermissions: ["orders.read", "orders.refund"]
        ) { _, context in
            ran(context)
            return "refunded"
        }
    }

    @Test(arguments: [SessionConfiguration.ToolFailurePolicy.fail, .reportToModel])
    func `a call without permission is not run, told to the model, and recorded`(
        policy: SessionConfiguration.ToolFailurePolicy
    ) async throws {
        let store = MemoryStore()
        let wasRun = Mutex(false)
        let session = try await Boundary(store: store)
            .session(
                SessionKey("s"),
                model: LineModel([.calls("refund"), .text("sorry")]),
                tools: [Self.refund { _ in wasRun.withLock { $0 = true } }],
                configuration: SessionConfiguration(
                    toolFailures: policy,
                    principal: "anna",
                    permissions: ["orders.read", "orders.refun", "orders.refund.all"]
                )
            )
        #expect(try await session.respond(to: "go").content == "sorry")
        #expect(!wasRun.withLock { $0 })
        let reader = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        for transcript in [session.transcript, reader.transcript] {
            guard case .toolOutput(let output) = transcript[2].content else { throw TestError() }
            #expect(output.isError)
            #expect(output.denial == Denial(principal: "anna", missing: ["orders.refund"]))
            #expect(output.parts == [.text("\(ToolError.notPermitted(tool: "refund", missing: ["orders.refund"]))")])
        }
    }

    @Test func `a call with all permissions runs, and knows the principal`() async throws {
        let seen = Mutex<ToolContext?>(nil)
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s", tenant: "acme"),
                model: LineModel([.calls("refund"), .text("done")]),
                tools: [Self.refund { context in seen.withLock { $0 = context } }],
                configuration: SessionConfiguration(
                    principal: "anna",
                    permissions: ["orders.read", "orders.refund"]
                )
            )
        try await session.respond(to: "go")
        let context = try #require(seen.withLock { $0 })
        #expect(context.principal == "anna" && context.permissions == ["orders.read", "orders.refund"])
        #expect(context.session == SessionKey("s", tenant: "acme"))
        guard case .toolOutput(let output) = session.transcript[2].content else { throw TestError() }
        #expect(output.denial == nil && !output.isError)
    }

    @Test func `permissions and principals are compared by their bytes`() {
        #expect(Permission("caf\u{e9}") != Permission("cafe\u{301}"))
        #expect(Principal("caf\u{e9}") != Principal("cafe\u{301}"))
        #expect(Permission("orders") != Permission("orders "))
    }

    @Test func `a denial is stored within bounds`() throws {
        let denial = Denial(
            principal: Principal(String(repeating: "p", count: 1000)),
            missing: (0..<100).map { Permission("\($0)" + String(repeating: "n", count: 1000)) }
        )
        let entry = Entry(.toolOutput(ToolOutput(callID: "c", name: "n", parts: [], isError: true, denial: denial)))
        var buffer = ByteBuffer()
        BatchFormat.write(entry, to: &buffer)
        #expect(buffer.readableBytes < 5000)
        guard case .toolOutput(let read) = try BatchFormat.readEntry(from: &buffer).content, let stored = read.denial
        else { throw TestError() }
        #expect(stored.principal?.rawValue.utf8.count == Principal.maximumStoredLength)
        #expect(stored.missing.count == 32)
        #expect(stored.missing.allSatisfy { $0.rawValue.utf8.count == Permission.maximumStoredLength })
    }
}
