import Foundation
import NIOCore
import Testing

@testable import Stateline

@Suite struct LogCodableTests {
    private let digest = Digest.sha256(ByteBuffer(string: "abc"))

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func expectRoundTrip<Value: Codable & Equatable>(_ value: Value) throws {
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(Value.self, from: data) == value)
    }

    private func crossing() -> Crossing {
        var crossing = Crossing(
            step: 2,
            route: Route(provider: "openai", endpoint: "127.0.0.1:8080", model: "m"),
            started: Timestamp(milliseconds: 1_700_000_000_000),
            sentAgainBytes: 900,
            newBytes: 100,
            requestDigest: digest,
            outcome: .answered(.toolCalls)
        )
        crossing.repeatedToolBytes = 40
        crossing.sentAgainTokens = 90
        crossing.newTokens = 10
        crossing.receivedBytes = 70
        crossing.answerDigest = digest
        crossing.usage = Usage(input: Usage.Input(totalTokenCount: 100), output: Usage.Output(totalTokenCount: 7))
        crossing.firstByte = .milliseconds(3)
        crossing.duration = .nanoseconds(12_345_678)
        crossing.extensions = [FormatExtension(tag: 130, bytes: ByteBuffer(bytes: [0, 255]))]
        return crossing
    }

    @Test func `a crossing has the documented JSON`() throws {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(
            try json(crossing()) == """
                {"answer_digest":"\(hex)","duration_nanoseconds":12345678,\
                "extensions":[{"bytes":"AP8=","tag":130}],"first_byte_nanoseconds":3000000,"new_bytes":100,\
                "new_tokens":10,"outcome":{"finish_reason":"tool_calls","kind":"answered"},"received_bytes":70,\
                "repeated_tool_bytes":40,"request_digest":"\(hex)",\
                "route":{"endpoint":"127.0.0.1:8080","model":"m","provider":"openai"},"sent_again_bytes":900,\
                "sent_again_tokens":90,"started":1700000000000,"step":2,\
                "usage":{"input_tokens":100,"output_tokens":7}}
                """
        )
    }

    @Test func `a crossing comes back from its JSON`() throws {
        try expectRoundTrip(crossing())
        var bare = Crossing(
            step: 0,
            route: Route(provider: "closure", model: ""),
            started: Timestamp(milliseconds: -1),
            sentAgainBytes: 0,
            newBytes: 1,
            requestDigest: digest,
            outcome: .cancelled
        )
        try expectRoundTrip(bare)
        for outcome in [Crossing.Outcome.failed("overloaded"), .abandoned, .answered(.other("stop"))] {
            bare.outcome = outcome
            try expectRoundTrip(bare)
        }
    }

    @Test func `a position has the documented JSON and comes back`() throws {
        let position = Position(incarnation: Incarnation(rawValue: 10), revision: 7, digest: digest)
        let text = try json(position)
        #expect(text.hasSuffix(#""incarnation":"0000000000000000000000000000000a","revision":7}"#))
        try expectRoundTrip(position)
        try expectRoundTrip(TurnID(rawValue: .max))
    }

    @Test func `kinds of batches are words, and numbers if this version has no word`() throws {
        #expect(
            try json([Batch.Kind.creation, .turn, .crossings, .view, .fork, Batch.Kind(rawValue: 99)])
                == #"["creation","turn","crossings","view","fork",99]"#
        )
        #expect(
            try json([Batch.Kind.values, .step, .repair, .edit, .rekey])
                == #"["values","step","repair","edit","rekey"]"#
        )
        try expectRoundTrip([Batch.Kind.view, Batch.Kind(rawValue: 200)])
        try expectRoundTrip(Batch.View(base: 3, kept: 2, ranges: [0..<4, 9..<10]))
        let position = Position(incarnation: .random(), revision: 1, digest: digest)
        try expectRoundTrip([Batch.Ancestor(id: "a/b", position: position)])
    }

    @Test func `a head comes back from its JSON`() throws {
        var head = Head(position: Position(incarnation: .random(), revision: 4, digest: digest))
        head.totals = head.totals.adding(Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 0)))
        head.totals.add(crossing())
        head.view.sentTools = 0xFFFF_FFFF
        try expectRoundTrip(head)
        head.extensions = [FormatExtension(tag: 128, bytes: ByteBuffer())]
        try expectRoundTrip(head)
        #expect(try json(head.totals).contains(#""sent_again_bytes":900"#))
    }

    @Test(arguments: [
        #""ba7816bf""#, #""+a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#, "7",
        #""ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#,
        #""äa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a""#,
    ])
    func `a digest is read from 64 hexadecimal digits alone`(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Digest.self, from: Data(text.utf8)) }
    }

    @Test(arguments: [
        #"{"tag":127,"bytes":""}"#, #"{"tag":128,"bytes":"*"}"#, #"{"tag":300,"bytes":""}"#, #"{"bytes":""}"#,
    ])
    func `an extension that no reader may ignore is refused`(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FormatExtension.self, from: Data(text.utf8)) }
    }

    @Test func `counts that are left out are zero`() throws {
        let usage = try JSONDecoder()
            .decode(Usage.self, from: Data(#"{"input_tokens":3,"output_tokens":4}"#.utf8))
        #expect(usage == Usage(input: Usage.Input(totalTokenCount: 3), output: Usage.Output(totalTokenCount: 4)))
    }
}
