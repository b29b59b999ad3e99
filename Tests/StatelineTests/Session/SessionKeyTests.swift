import Stateline
import Testing

@Suite struct SessionKeyTests {
    @Test func `a key is the root of its own family`() {
        let key = SessionKey("id", tenant: "acme")
        #expect(key.family == "id")
        #expect(key.tenant == "acme")
        #expect(SessionKey("id").tenant == .default)
    }

    @Test func `a fork keeps its root's family and tenant`() {
        let fork = SessionKey("root", tenant: "acme").fork("child").fork("grandchild")
        #expect(fork.id == "grandchild")
        #expect(fork.family == "root")
        #expect(fork.tenant == "acme")
        #expect(fork != SessionKey("grandchild", tenant: "acme"))
    }

    @Test(arguments: [
        "/", "{", "}", ":", "*", "\n", "\0", "{a}:b/*", " ", "\u{feff}", String(repeating: "x", count: 10_240),
        String(repeating: "{/\n", count: 4096), String(repeating: "x", count: SessionKey.maximumLength),
    ])
    func `any text is an id and a tenant`(text: String) {
        #expect(SessionKey(text).isValid)
        #expect(SessionKey("id", tenant: Tenant(rawValue: text)).isValid)
        #expect(SessionKey(text).id == text)
    }

    @Test(arguments: ["", String(repeating: "x", count: SessionKey.maximumLength + 1)])
    func `no text and too much text are neither`(text: String) {
        #expect(!SessionKey(text).isValid)
        #expect(!SessionKey("id", tenant: Tenant(rawValue: text)).isValid)
        #expect(!SessionKey("id").fork(text).isValid)
    }

    @Test func `a length is counted in bytes`() {
        #expect(SessionKey(String(repeating: "é", count: SessionKey.maximumLength / 2)).isValid)
        #expect(!SessionKey(String(repeating: "é", count: SessionKey.maximumLength / 2 + 1)).isValid)
    }

    @Test func `texts that Unicode calls equivalent are different keys`() {
        let composed = "\u{e9}"
        let combined = "e\u{301}"
        #expect(composed == combined)
        #expect(SessionKey(composed) != SessionKey(combined))
        #expect(Tenant(rawValue: composed) != Tenant(rawValue: combined))
        #expect(SessionKey("a").fork(composed) != SessionKey("a").fork(combined))
        #expect(Set([SessionKey(composed), SessionKey(combined), SessionKey(composed)]).count == 2)
    }

    @Test func `parts are never joined`() {
        #expect(SessionKey("b/c", tenant: "a") != SessionKey("c", tenant: "a/b"))
    }

    @Test func `a description is one line without control characters`() {
        let text = SessionKey("a\nb\0c\u{1b}[31m\r\t\u{7f}", tenant: "t\n").description
        #expect(text == #"t\n/a\nb\0c\u{1B}[31m\r\t\u{7F}"#)
    }

    @Test func `a description leaves out the middle of a long id`() {
        let text = SessionKey("begin" + String(repeating: "x", count: 10_240) + "end").description
        #expect(text.hasPrefix("default/beginxxx"))
        #expect(text.hasSuffix("xxxend"))
        #expect(text.contains("..."))
        #expect(text.utf8.count < 100)
    }
}
