import NIOCore
import Testing

@testable import StatelineUpstream

@Suite struct RequestOutlineTests {
    private static let messages = [
        #"{"role":"system","content":"be ] brief"}"#,
        #"{"role": "user", "content": [{"type":"text","text":"a\"}"},{"type":"image_url","image_url":{"url":"x"}}]}"#,
        #"{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{}"}}]}"#,
        #"{"role":"tool","tool_call_id":"c","content":"out"}"#,
        #"{"role":"user","content":"again"}"#,
    ]

    private static func body(_ messages: [String], opening: String = "", closing: String) -> ByteBuffer {
        ByteBuffer(string: "{\(opening)\"messages\" : [ \(messages.joined(separator: " , ")) ]\(closing)}\n")
    }

    @Test(arguments: ["", #""tools":[{"function":{"name":"t"}}],"#])
    func `an outline that is resumed is the outline of the whole body`(_ opening: String) throws {
        let whole = Self.messages
        let counts = [1, 2, 4, 5]
        let closings = [#","model":"m""#, #","tools":[{"function":{"name":"u"}}],"model":"m""#]
        for (first, second) in counts.flatMap({ first in counts.map { (first, $0) } }) {
            for (before, after) in [(0, 0), (0, 1), (1, 0)] where opening.isEmpty || before + after == 0 {
                let a = Self.body(Array(whole[..<first]), opening: opening, closing: closings[before])
                let b = Self.body(Array(whole[..<second]), opening: opening, closing: closings[after])
                let common = a.commonPrefixLength(with: b)
                let resumed = try RequestOutline(of: b, resuming: try RequestOutline(of: a), common: common)
                let fresh = try RequestOutline(of: b)
                #expect(resumed.marks == fresh.marks)
                #expect(resumed.tokens == fresh.tokens)
                #expect(try resumed.tail(of: b) == fresh.tail(of: b))
                #expect(try resumed.parameters(of: b).toolNames == fresh.parameters(of: b).toolNames)
            }
        }
    }

    @Test func `messages, parts, calls and tools are counted by the rule`() throws {
        let outline = try RequestOutline(of: Self.body(Self.messages, closing: #","tools":[12345678],"model":"m""#))
        let expected = [4 + 3, 4 + 1 + 85, 4 + 1 + 1, 4 + 1, 4 + 2]
        #expect(outline.marks.map(\.tokens) == (1...5).map { expected[..<$0].reduce(0, +) })
        #expect(outline.tokens == expected.reduce(0, +) + 3)
        #expect(outline.marks.map(\.openCalls) == [[], [], ["c"], [], []])
    }

    @Test func `a common prefix is found at every length and offset`() {
        let text = (0..<70).map { UInt8($0) }
        for difference in 0...70 {
            var other = text
            if difference < 70 { other[difference] = 255 }
            var a = ByteBuffer(bytes: [9] + text)
            a.moveReaderIndex(forwardBy: 1)
            let b = ByteBuffer(bytes: other + [1, 2])
            #expect(a.commonPrefixLength(with: b) == difference)
            #expect(b.commonPrefixLength(with: a) == difference)
        }
        #expect(ByteBuffer().commonPrefixLength(with: ByteBuffer(bytes: text)) == 0)
    }

    @Test(arguments: [
        (#"{"stream":true}"#, true),
        (#"{"stream" : true,"x":1}"#, true),
        (#"{"stream":false}"#, false),
        (#"{"content":"\"stream\":true"}"#, false),
        (#"{"streams":true,"stream":tru"#, false),
        ("", false),
    ])
    func `a wish for a stream is found without reading the body`(_ text: String, _ isWanted: Bool) {
        #expect(FixedAnswers.wantsStream(ByteBuffer(string: text)) == isWanted)
        let filler = String(repeating: " ", count: 9000)
        #expect(FixedAnswers.wantsStream(ByteBuffer(string: text + filler)) == isWanted)
        #expect(FixedAnswers.wantsStream(ByteBuffer(string: filler + text)) == isWanted)
    }
}
