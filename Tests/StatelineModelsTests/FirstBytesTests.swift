import NIOCore
import Testing

@testable import Stateline
@testable import StatelineModels

@Suite struct FirstBytesTests {
    /// Checks a text in pieces of one byte, and its end.
    private func check(_ text: String, declared type: String?) throws(ModelError) {
        var check = FirstBytes(declared: type)
        for byte in text.utf8 { try check.check(ByteBuffer(bytes: CollectionOfOne(byte))) }
        try check.checkEnd()
    }

    @Test(arguments: [
        "{}", "[]", "\u{feff}\r\n {}", "data: {}", ":\n", "event: error", "id: 1", "retry: 1", "error: x", "dat",
    ])
    func `JSON and events are answers under any media type`(text: String) throws {
        for type in [nil, "text/html", "text/plain", "application/json", "application/problem+json", "x/y"] {
            try check(text, declared: type)
            var whole = FirstBytes(declared: type)
            try whole.check(ByteBuffer(string: text))
        }
    }

    @Test(
        arguments: [
            ("<html>", nil, "text/html"), ("\n<html>", "application/json", "text/html"),
            ("<html>", "text/event-stream", "text/html"), ("<x/>", "application/xml", "application/xml"),
            ("", "text/html", "text/html"), (" ", "text/plain", "text/plain"), ("Sign in", "text/plain", "text/plain"),
        ] as [(String, String?, String)]
    )
    func `a page and other texts are no answers`(text: String, declared: String?, shown: String) {
        #expect(throws: ModelError.unexpectedContentType(shown)) { try check(text, declared: declared) }
    }

    @Test(arguments: ["", "hello", "\u{0}"])
    func `a text of the right type is for the parser to judge`(text: String) throws {
        for type in [nil, "application/json", "text/event-stream"] { try check(text, declared: type) }
    }

    @Test func `a declared text that only begins like an event by chance is refused`() {
        #expect(throws: ModelError.unexpectedContentType("text/plain")) {
            var check = FirstBytes(declared: "text/plain")
            try check.check(ByteBuffer(string: "dear reader"))
        }
    }
}
