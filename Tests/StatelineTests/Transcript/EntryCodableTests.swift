import Foundation
import NIOCore
import Testing

@testable import Stateline

@Suite struct EntryCodableTests {
    private static let entries: [Entry] = [
        .instructions("Be brief."),
        Entry(
            .prompt([
                .text("Look"), .image(Media(.url("https://example.com/a.png"))),
                .file(Media(.data(ByteBuffer(bytes: [0, 255])), mediaType: "text/plain", name: "a.txt")),
                .file(Media(.providerFile(id: "f1"))),
            ])
        ),
        Entry(.reasoning(Reasoning(text: "hm", signature: ByteBuffer(bytes: [1, 2])))),
        Entry(.toolCalls([ToolCall(id: "c", name: "f", arguments: "{not json")])),
        Entry(.toolOutput(ToolOutput(callID: "c", name: "f", parts: [.json("[1]")], isError: true))),
        Entry(
            .response([.text("a"), .refusal("b")]),
            providerBytes: ProviderBytes(dialect: "d", bytes: ByteBuffer(string: "{}"))
        ),
        Entry(.compaction([.text("so far")]), extensions: [FormatExtension(tag: 200, bytes: ByteBuffer(string: "x"))]),
    ]

    @Test func `a transcript comes back from JSON as it was`() throws {
        let transcript = Transcript(Self.entries)
        let data = try JSONEncoder().encode(transcript)
        #expect(try JSONDecoder().decode(Transcript.self, from: data) == transcript)
    }

    @Test func `an entry's form is its type and its content`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        #expect(
            try json(Entry.prompt("Hi")) == #"{"parts":[{"text":"Hi","type":"text"}],"type":"prompt"}"#
        )
        #expect(try json(SessionKey("a", tenant: "t")) == #"{"id":"a","tenant":"t"}"#)
        #expect(try json(SessionKey("a", tenant: "t").fork("b")) == #"{"family":"a","id":"b","tenant":"t"}"#)
    }

    @Test func `the key of a fork comes back with its family`() throws {
        for key in [SessionKey("a/b", tenant: "t"), SessionKey("a").fork("b"), SessionKey("b", forkOf: "a")] {
            let data = try JSONEncoder().encode(key)
            #expect(try JSONDecoder().decode(SessionKey.self, from: data) == key)
        }
        #expect(SessionKey("b", forkOf: "a") == SessionKey("a").fork("b"))
        #expect(SessionKey("b", forkOf: "a") != SessionKey("b"))
        #expect("\(SessionKey("b", forkOf: "a"))" != "\(SessionKey("b"))")
        #expect("\(SessionKey("b", forkOf: "a"))" == "default/b (fork of a)")
        #expect(!SessionKey("b", forkOf: "").isValid)
    }

    @Test func `a prompt is made of an interpolated text`() {
        let name = "Anna"
        let prompt: Prompt = "Hi \(name)"
        #expect(prompt == Prompt("Hi Anna"))
    }
}
