import Foundation
import StatelineTesting
import NIOCore
import Stateline
import Testing

@Suite struct JSONTextTests {
    private func fault(_ text: String, maximumDepth: Int = 64) -> JSONError? {
        fault(Array(text.utf8), maximumDepth: maximumDepth)
    }

    private func fault(_ bytes: [UInt8], maximumDepth: Int = 64) -> JSONError? {
        do throws(JSONError) {
            try JSONText.validate(bytes.span, maximumDepth: maximumDepth)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "null", " true ", "\t\r\nfalse", "0", "-0", "-0.0e-0", "1E+9", "123.456e78", "\"\"", "[]", "{}", "[[],{}]",
        #"{"a":[1,2,{"b":null}],"c":"d"}"#, #""\"\\\/\b\f\n\r\t\u0000""#, #""\ud83d\ude00""#, "\"\u{7f}é😀\u{2028}\"",
        #"{"a":{"a":1},"b":{"a":1}}"#, #"{"":0}"#,
    ])
    func `JSON is accepted`(text: String) {
        #expect(fault(text) == nil)
    }

    @Test(arguments: [
        ("[1,]", 3), ("{\"a\":1,}", 7), ("[1 2]", 3), ("01", 1), ("-01", 2), ("+1", 0), (".5", 0), ("1.e5", 2),
        ("0x10", 1), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("'a'", 0), ("{a:1}", 1), ("{\"a\" 1}", 5),
        ("[]]", 2), ("{}{}", 2), ("nul1", 3), ("True", 0), ("\"\u{1}\"", 1), ("\"a\nb\"", 2), (#""\x""#, 2),
        (#""\u12g4""#, 5), (#""\u{41}""#, 3), ("[1]//", 3), ("/**/1", 0), ("\u{feff}1", 0), ("[,1]", 1), ("}", 0),
        ("\u{a0}1", 0), ("\u{c}1", 0), ("1\u{0}", 1), ("{\"a\":1 \"b\":2}", 7),
    ])
    func `a byte that the grammar does not allow is named`(text: String, offset: Int) {
        #expect(fault(text) == .syntax(offset: offset))
    }

    @Test func `every proper prefix of a value is truncated, not wrong`() {
        let text = Array(#"{"ab":[1.5e+3,true,null,"x\u00e9\ud83d\ude00é😀"],"c":{}}"#.utf8)
        for length in 0..<text.count {
            #expect(fault(Array(text[..<length])) == .truncated(offset: length), "\(length)")
        }
        #expect(fault(text) == nil)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a"), (#"{"a":1,"\u0061":2}"#, "a"), (#"{"\n":1,"\u000A":2}"#, "\n"),
        (#"{"😀":1,"\ud83d\ude00":2}"#, "😀"), (#"[{"b":{"":1,"":2}}]"#, ""), (#"{"\/":1,"/":2}"#, "/"),
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", "\u{e9}"),
    ])
    func `two members of the same name are refused, however written`(text: String, key: String) {
        #expect(fault(text) == .duplicateKey(key))
    }

    @Test func `a late duplicate among many members is found`() {
        let members = (0..<5000).map { "\"key\($0)\":\($0)" }
        #expect(fault("{\(members.joined(separator: ","))}") == nil)
        #expect(fault("{\(members.joined(separator: ",")),\"key17\":0}") == .duplicateKey("key17"))
        #expect(fault("{\(members.joined(separator: ",")),\"key4999\":0}") == .duplicateKey("key4999"))
    }

    @Test func `nesting is allowed up to the limit and no further`() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(fault(nested(64)) == nil)
            #expect(fault(nested(65)) == .nestedTooDeeply(limit: 64))
            #expect(fault(nested(1000)) == .nestedTooDeeply(limit: 64))
            #expect(fault(nested(3), maximumDepth: 2) == .nestedTooDeeply(limit: 2))
        }
        #expect(fault(String(repeating: "[],", count: 100)) == .syntax(offset: 2), "siblings do not nest")
        #expect(fault("[\(Array(repeating: "[]", count: 100).joined(separator: ","))]") == nil)
    }

    @Test(arguments: [
        (#""\ud800""#, 1), (#""\udc00""#, 1), (#""a\ud800b""#, 2), (#""\ud800\n""#, 1), (#""\ud800\u0041""#, 1),
        (#""\ud800\ud800""#, 1), (#"{"\udfff":1}"#, 2),
    ])
    func `half of a surrogate pair is refused`(text: String, offset: Int) {
        #expect(fault(text) == .loneSurrogate(offset: offset))
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(fault(Array("[\"a".utf8) + bytes + Array("\"]".utf8)) == .invalidUTF8(offset: 3))
    }

    /// Foundation takes duplicates, half surrogates and a comma after the last element, which are tested elsewhere.
    @Test func `mutated JSON is judged as Foundation judges it`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let original = Array(#"{"id":"a\n\u00e9","n":[0,-1.5e3,true,false,null],"o":{"k":{},"é":[[]]}}"#.utf8)
        let comma = UInt8(ascii: ",")
        let closing = Array("]}".utf8)
        let alphabet = Array(#"{}[]",:\u0e-+.tn 1é"#.utf8)
        for _ in 0..<4000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random)!
                case 1: bytes.remove(at: place)
                default: bytes.insert(alphabet.randomElement(using: &random)!, at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let dense = bytes.filter { $0 != UInt8(ascii: " ") }
            if zip(dense, dense.dropFirst()).contains(where: { $0 == comma && closing.contains($1) }) { continue }
            let fault = fault(bytes)
            switch fault {
            case .duplicateKey, .loneSurrogate, .nestedTooDeeply: continue
            default: break
            }
            let isTaken = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            #expect((fault == nil) == isTaken, "seed \(seed): \(text)")
        }
    }

    @Test func `what is written as a string is read back the same`() throws {
        let scalars = (0..<0x120).compactMap(Unicode.Scalar.init) + ["\u{2028}", "\u{ffff}", "😀", "\u{10ffff}"]
        var all = ""
        all.unicodeScalars.append(contentsOf: scalars)
        for text in ["", "a", "\"", "\\", "\0", "ends with \n", all] + scalars.map({ "x\($0)y" }) {
            let quoted = JSONText.quoted(text)
            #expect(fault(quoted) == nil)
            let decoded = try JSONDecoder().decode(String.self, from: Data(quoted.utf8))
            #expect(Array(decoded.utf8) == Array(text.utf8))
        }
        #expect(JSONText.quoted("a\0\u{1f}\"\\/\n") == #""a\u0000\u001f\"\\/\n""#)
    }

    @Test func `a member name with more than 30 combining marks in a row is refused where it stands`() {
        func object(marks: Int) -> String {
            #"{"a":"\#(String(repeating: "\u{301}", count: 99))","b\#(String(repeating: "\u{301}", count: marks))":0}"#
        }
        #expect(fault(object(marks: 30)) == nil)
        #expect(fault(object(marks: 31)) == .tooManyCombiningMarks(offset: 5 + 2 * 99 + 4))
    }
}
