import NIOCore
import Testing

@testable import StatelineDialects

@Suite struct ServerSentEventsTests {
    /// Reads a stream in pieces, up to its end.
    private func read(_ pieces: [[UInt8]]) -> [ServerSentEvent] {
        var parser = ServerSentEvents()
        var events = pieces.flatMap { parser.append(ByteBuffer(bytes: $0)) }
        if let last = parser.finish() { events.append(last) }
        return events
    }

    private func event(_ data: String, isError: Bool = false) -> ServerSentEvent {
        ServerSentEvent(data: ByteBuffer(string: data), isError: isError)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `events, errors and the end are read wherever the stream is cut`(end: String) {
        let lines = [
            "\u{feff}: comment", "event: ping", "data: 1", "", "data: 2", "data:3", "", "event: error", "data: Broke",
            "",
            "error: {\"code\":1}", "", "event:error", "", "event: other", "data: é", "", "data: [DONE]", "",
            "data: late",
        ]
        let bytes = Array(lines.joined(separator: end).utf8)
        let expected = [
            event("1"), event("2\n3"), event("Broke", isError: true), event(#"{"code":1}"#, isError: true),
            event("", isError: true), event("é"), event("[DONE]"), event("late"),
        ]
        for cut in 0...bytes.count {
            #expect(read([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "cut at \(cut)")
        }
        #expect(read(bytes.map { [$0] }) == expected)
    }

    @Test(arguments: ["data: [DONE]", "data:[DONE]", "data: [DONE]\n", "data: [DONE]\r\n\r\n"])
    func `the end is known with its last byte, and given once`(text: String) {
        var parser = ServerSentEvents()
        _ = parser.append(ByteBuffer(string: "data: {}\n\n"))
        let events = parser.append(ByteBuffer(string: text))
        #expect(events == [event("[DONE]")] && events[0].isEnd)
        let (late, last) = (parser.append(ByteBuffer(string: "\n\n")), parser.finish())
        #expect(late == [] && last == nil)
    }

    @Test(arguments: ["data: [DONE", "data: x[DONE]", "event: [DONE]", "error: [DONE]", "data: {}\ndata: [DONE]"])
    func `what is not the end is not taken for it`(text: String) {
        var parser = ServerSentEvents()
        let (events, last) = (parser.append(ByteBuffer(string: text)), parser.finish())
        #expect(events == [] && last?.isEnd != true)
    }
}
