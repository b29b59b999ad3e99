import StatelineTesting
import Testing

@testable import Stateline

/// The scanner beside a plain model of it, and the extents that it lists.
@Suite struct JSONScannerTests {
    private func fault(_ work: () throws(JSONError) -> Void) -> JSONError? {
        do throws(JSONError) {
            try work()
            return nil
        } catch {
            return error
        }
    }

    /// Random and mutated texts that are UTF-8.
    private func texts(_ count: Int, _ random: SeededGenerator) -> [[UInt8]] {
        var source = RandomJSON(random)
        return (0..<count)
            .flatMap { _ in
                let text = source.text()
                return [text, source.mutated(text), source.mutated(text)]
            }
            .filter { String(validating: $0, as: UTF8.self) != nil }
    }

    @Test func `random and mutated texts have the fault that the model finds, at the same byte`() {
        let (random, seed) = SeededGenerator.printed(for: "scanner and model")
        var faults: [String: Int] = [:]
        for text in texts(6_000, random) {
            let expected = ReferenceJSONScanner.fault(text)
            let found = fault { () throws(JSONError) in try JSONText.validate(text.span) }
            #expect(found == expected, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            faults[expected.map { "\($0)".filter(\.isLetter) } ?? "none", default: 0] += 1
        }
        #expect(faults.count >= 5, "the texts have few kinds of faults: \(faults)")
        #expect((faults["none"] ?? 0) > 1_000)
    }

    @Test func `what passes leniently alone holds a value that says so`() throws {
        let (random, seed) = SeededGenerator.printed(for: "lenient and strict")
        var lenientCount = 0
        for text in texts(6_000, random) {
            let strict = ReferenceJSONScanner.fault(text)
            var extents: [JSONExtent] = []
            let lenient = fault { () throws(JSONError) in extents = try JSONText.extents(of: text.span) }
            let isStandard = extents.allSatisfy(\.isStandard)
            let comment = "seed \(seed): \(String(decoding: text, as: UTF8.self))"
            #expect((strict == nil) == (lenient == nil && isStandard), "\(comment)")
            if strict != nil && lenient == nil { lenientCount += 1 }
            try checkInvariants(extents, text, "\(comment)")
        }
        #expect(lenientCount > 100)
    }

    private func checkInvariants(_ extents: [JSONExtent], _ text: [UInt8], _ comment: String) throws {
        var open: [(next: Int, end: Int)] = []
        for (place, extent) in extents.enumerated() {
            while let last = open.last, last.next <= place { open.removeLast() }
            let (start, end, next) = (Int(extent.start), Int(extent.end), Int(extent.next))
            let isPlaced = start < end && end <= text.count && next > place && next <= extents.count
            try #require(isPlaced, "\(comment)")
            if let last = open.last { #expect(end < last.end && next <= last.next, "\(comment)") }
            let first: Unicode.Scalar = [.object: "{", .array: "[", .string: "\""][extent.kind] ?? "\0"
            let last: Unicode.Scalar = [.object: "}", .array: "]", .string: "\""][extent.kind] ?? "\0"
            if first != "\0" {
                #expect(text[start] == UInt8(ascii: first) && text[end - 1] == UInt8(ascii: last), "\(comment)")
            }
            if extent.kind == .object || extent.kind == .array {
                open.append((next, end))
            } else {
                #expect(next == place + 1, "\(comment)")
            }
        }
    }

    @Test(arguments: [
        "NaN", "-NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "+1", "01", "-01", ".5", "1.", "1.e5", "1e",
        "1e+",
        "--1", "1-2",
    ])
    func `an odd number is taken within a text, and not as the whole`(number: String) throws {
        for text in ["[\(number)]", "{\"a\":\(number)}", "[ \(number) ,0]"] {
            #expect(fault { () throws(JSONError) in try JSONText.validate(text.utf8.span) } != nil)
            let extents = try JSONText.extents(of: text.utf8.span)
            let odd = try #require(extents.first { $0.kind == .oddNumber })
            #expect(Array(text.utf8)[Int(odd.start)..<Int(odd.end)].elementsEqual(number.utf8))
        }
        #expect(throws: JSONError.self) { try JSONText.extents(of: number.utf8.span) }
    }

    @Test(arguments: ["Nan1", "Infinite", "0x10", "nul", "True", "None", "-", "-a", "e", ".", "1a"])
    func `a word that is no number is refused leniently too`(word: String) {
        #expect(throws: JSONError.self) { try JSONText.extents(of: "[\(word)]".utf8.span) }
    }

    @Test func `a text that breaks off within an odd number is truncated`() {
        let text = Array("[-Infinity,1e5,NaN]".utf8)
        for length in 0..<text.count {
            let prefix = Array(text[..<length])
            #expect(throws: JSONError.truncated(offset: length)) { try JSONText.extents(of: prefix.span) }
        }
    }

    @Test func `names are checked except within members that are not read`() throws {
        let marks = String(repeating: "\u{301}", count: 31)
        for name in ["a\":1,\"a", #"\u0061":1,"a"#, #"\ud800"#, "a\(marks)"] {
            let object = "{\"\(name)\":2}"
            #expect(throws: JSONError.self) { try JSONText.extents(of: object.utf8.span, unread: ["skip"]) }
            let skipped = "{\"skip\":[0,{\"b\":\(object)}],\"c\":1}"
            let extents = try JSONText.extents(of: skipped.utf8.span, unread: ["no", "skip"])
            #expect(extents.contains { !$0.isStandard }, "it is no JSON to send again")
            #expect(throws: JSONError.self) { try JSONText.extents(of: skipped.utf8.span, unread: ["Skip", "ski"]) }
            let after = "{\"skip\":0,\"c\":\(object)}"
            #expect(throws: JSONError.self) { try JSONText.extents(of: after.utf8.span, unread: ["skip"]) }
        }
    }

    @Test func `names of nested and later objects do not count as duplicates`() throws {
        let text = #"{"a":{"a":{"a":0},"b":0},"b":[{"a":0},{"a":0}],"\u0063":0,"d":{"c":0},"e":0}"#
        #expect(throws: Never.self) { try JSONText.validate(text.utf8.span) }
        for late in [#""a""#, #""b""#, #""c""#, #""d""#, #""\u0065""#] {
            let twice = text.dropLast() + ",\(late):0}"
            #expect(throws: JSONError.self, "\(twice)") { try JSONText.validate(Array(twice.utf8).span) }
        }
    }
}
