import Foundation
import NIOCore
import Stateline
import StatelineDialects
import StatelineTesting
import Testing

@Suite struct ImportingTests {
    private func entries(_ text: String) throws(ModelError) -> [Entry] {
        try ChatCompletions.entries(fromMessages: ByteBuffer(string: text))
    }

    private func rendered(_ entries: [Entry]) -> String {
        var buffer = ByteBuffer()
        ChatCompletions().render(entries[...], after: Transcript()[...], into: &buffer)
        return "[\(String(buffer: buffer))]"
    }

    private func decoded(_ text: String) throws -> NSArray {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSArray)
    }

    @Test func `messages become entries`() throws {
        let call = #"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#
        let text = """
            [{"role":"system","content":"s"},{"role":"user","content":"u"},
             {"role":"assistant","content":"a","tool_calls":[\(call)]},
             {"role":"tool","tool_call_id":"c","name":"f","content":""}, {"role":"assistant","content":"b"}]
            """
        #expect(
            try entries(text) == [
                .instructions("s"), .prompt("u"), .response("a"),
                Entry(.toolCalls([ToolCall(id: "c", name: "f", arguments: "{}")])),
                Entry(.toolOutput(ToolOutput(callID: "c", name: "f", text: ""))), .response("b"),
            ]
        )
    }

    @Test(arguments: [
        #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://e.com"}}]}]"#,
        #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC/w=="}}]}]"#,
        #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com","detail":"low"}}]}]"#,
        #"[{"role":"user","content":[{"type":"file","file":{"file_id":"f","filename":"n"}}]}]"#,
        #"[{"role":"user","name":"Ann","content":"hi"},{"role":"assistant","content":null,"refusal":"no"}]"#,
        #"[{"role":"assistant","content":"a","reasoning_details":[{"signature":"x"}]}]"#,
        #"[{"role":"tool","tool_call_id":"c","content":"no name"}]"#,
        "[]",
    ])
    func `messages are rendered as they were`(text: String) throws {
        #expect(try decoded(rendered(try entries(text))) == decoded(text))
    }

    @Test(arguments: [
        ("{}", ModelError.malformedAnswer("messages are not an array")),
        (
            #"[{"role":"user","content":"a"},{"role":"oracle","content":"b"}]"#,
            .malformedAnswer("message 1: the unknown role \"oracle\"")
        ),
        (#"[{"content":"a"}]"#, .malformedAnswer("message 0: the unknown role \"none\"")),
        (#"[{"role":"user"}]"#, .malformedAnswer("message 0: no content")),
        (#"[{"role":"tool","content":"a"}]"#, .malformedAnswer("message 0: no tool_call_id")),
        (#"[{"role":"user","role":"user"}]"#, .duplicateKey("role")),
        ("[", .malformedAnswer("the JSON is cut off after 1 bytes")),
    ])
    func `what are no messages is a typed error`(text: String, error: ModelError) {
        #expect(throws: error) { try entries(text) }
    }

    @Test func `real conversations are rendered equal in content at every cut`() throws {
        guard let conversations = try RealConversations.load() else { return }
        #expect(conversations.count == 100)
        for messages in conversations {
            let original = try decoded(messages)
            var body = ByteBuffer()
            var history = Transcript()
            for (index, message) in original.enumerated() {
                let text = String(decoding: try JSONSerialization.data(withJSONObject: [message]), as: UTF8.self)
                let added = try entries(text)
                ChatCompletions().render(added[...], after: history[...], into: &body)
                history = Transcript(history + added)
                let cut = try decoded("[\(String(buffer: body))]")
                #expect(cut.count == index + 1)
                #expect(cut.lastObject as? NSDictionary == message as? NSDictionary)
            }
            #expect(try decoded("[\(String(buffer: body))]") == original)
            #expect(try decoded(rendered(try entries(messages))) == original)
        }
    }
}

/// Conversations with tools, outside of this package.
enum RealConversations {
    /// The `messages` of each conversation; `nil` where the file is not there.
    static func load() throws -> [String]? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["STATELINE_TRACES"].map { URL(filePath: $0) }
            ?? root.deletingLastPathComponent().appending(path: "shared/traces")
        let file = folder.appending(path: "tool-conversations.jsonl.gz")
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", file.path]
        let text = String(decoding: try ProcessLaunch.output(of: gzip), as: UTF8.self)
        return try text.split(separator: "\n")
            .map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return String(
                    decoding: try JSONSerialization.data(withJSONObject: object?["messages"] ?? []),
                    as: UTF8.self
                )
            }
    }
}
