import Foundation
import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineDialects

@Suite struct JSONFragmentTests {
    private func fragment(_ text: String) throws -> JSONFragment {
        try JSONFragment(validating: ByteBuffer(string: text))
    }

    /// Makes the value that Foundation would make.
    private func object(_ fragment: JSONFragment) throws -> NSObject {
        if let members = fragment.members {
            let pairs = try members.map { ($0.name as NSString, try object($0.value)) }
            return Dictionary(uniqueKeysWithValues: pairs) as NSDictionary
        }
        if let elements = fragment.elements { return try elements.map(object) as NSArray }
        if let string = fragment.string { return string as NSString }
        // Foundation's own reading of a number is not in question here.
        let data = Data(fragment.bytes.readableBytesView)
        return try #require(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) as? NSObject)
    }

    @Test func `random values are what Foundation reads`() throws {
        var random = SeededGenerator(seed: 1)
        for round in 0..<500 {
            let value = try randomValue(depth: 0, &random)
            let options: JSONSerialization.WritingOptions =
                round.isMultiple(of: 2) ? .fragmentsAllowed : [.fragmentsAllowed, .prettyPrinted]
            let data = try JSONSerialization.data(withJSONObject: value, options: options)
            let fragment = try JSONFragment(validating: ByteBuffer(bytes: data))
            #expect(try object(fragment) == value)
            #expect(fragment.isStandard)
        }
    }

    private func randomValue(depth: Int, _ random: inout SeededGenerator) throws -> NSObject {
        let texts = ["", "a", "Grüße 世界 😀", "\"\\/\n\t\u{1}", "\u{2028}"]
        switch Int.random(in: 0..<(depth > 3 ? 4 : 6), using: &random) {
        case 0: return try #require(texts.randomElement(using: &random)) as NSString
        case 1: return Int.random(in: -1000...1000, using: &random) as NSNumber
        case 2: return NSNull()
        case 3: return Bool.random(using: &random) as NSNumber
        case 4:
            let range = 0..<Int.random(in: 0..<5, using: &random)
            return try range.map { _ in try randomValue(depth: depth + 1, &random) } as NSArray
        default:
            let members = try (0..<Int.random(in: 0..<24, using: &random))
                .map { ("\(texts[$0 % texts.count])\($0)" as NSString, try randomValue(depth: depth + 1, &random)) }
            return Dictionary(uniqueKeysWithValues: members) as NSDictionary
        }
    }

    @Test func `values are told apart, and keep their bytes`() throws {
        let root = try fragment(#" {"a" : [ 1.0 , null,"x\n"], "b":{"c":-7}, "d":[], "e":true,"n":null} "#)
        let members = try #require(root.members)
        #expect(members.map(\.name) == ["a", "b", "d", "e", "n"])
        let elements = try #require(members[0].value.elements)
        #expect(elements.map { String(buffer: $0.bytes) } == ["1.0", "null", #""x\n""#])
        #expect(elements[0].integer == 1 && elements[1].isNull && elements[2].string == "x\n")
        #expect(root["b"]?["c"]?.integer == -7)
        #expect(root["n"] == nil && root["x"] == nil && root["a"]?["b"] == nil)
        #expect(root["d"]?.isEmptyArray == true && root["a"]?.isEmptyArray == false && root["b"]?.isEmptyArray == false)
        #expect(root["e"]?.string == nil && root["e"]?.integer == nil && root["e"]?.members == nil)
        #expect(root["b"].map { String(buffer: $0.bytes) } == #"{"c":-7}"#)
        #expect(try fragment("[1, 2]").elements?[1] == fragment(" 2"))
    }

    @Test func `a member is found by its name, however it is written`() throws {
        let root = try fragment(#"{"n\u0061me":1,"é":2,"x\/y":3,"null":4}"#)
        #expect(root["name"]?.integer == 1)
        #expect(root["é"]?.integer == 2)
        #expect(root["x/y"]?.integer == 3)
        #expect(root["nam"] == nil && root["names"] == nil)
    }

    @Test(
        arguments: [
            ("9223372036854775807", 9_223_372_036_854_775_807), ("-9223372036854775808", -9_223_372_036_854_775_808),
            ("9223372036854775808", nil), ("1e3", 1000), ("1.50", nil), ("-0", 0), ("12.0", 12), ("1e400", nil),
            ("NaN", nil),
            ("01", nil), ("\"1\"", nil), ("123456789012345678", 123_456_789_012_345_678),
        ] as [(String, Int?)]
    )
    func `whole numbers are read`(text: String, value: Int?) throws {
        #expect(try fragment("[\(text)]").elements?.first?.integer == value)
    }

    @Test func `a number that is no JSON costs nothing but itself`() throws {
        let root = try fragment(#"{"logprob":-Infinity,"list":[NaN,1],"text":"kept","null":nan}"#)
        #expect(root["text"]?.string == "kept")
        #expect(root["logprob"]?.integer == nil && root["logprob"]?.isNull == false)
        #expect(root["null"]?.isNull == false)
        #expect(root["list"]?.elements?.map(\.isStandard) == [false, true])
        #expect(root["list"]?.isStandard == false && root["text"]?.isStandard == true)
        #expect(!root.isStandard)
    }

    @Test func `halves of a surrogate pair in a string are seen`() throws {
        let root = try fragment(#"{"a":"x\ud83d","b":"\ude00y","c":"x\ud83dy","d":"xy"}"#)
        let a = try #require(root["a"])
        #expect(a.string == "x\u{fffd}" && a.word == nil && !a.isStandard)
        #expect(a.piece?.text == "x" && a.piece?.lead == 0xd83d)
        #expect(root["b"]?.piece?.trail == 0xde00 && root["b"]?.piece?.text == "y")
        #expect(root["c"]?.piece == JSONStringPiece("x\u{fffd}y"))
        #expect(root["d"]?.piece == JSONStringPiece("xy") && root["d"]?.word == "xy")
        #expect(root.piece == nil)
    }

    @Test func `pieces are joined to the text that they were cut from, wherever the cuts are`() throws {
        let text = "a😀é\u{10ffff}\n"
        let units = Array(text.utf16)
        for first in 0...units.count {
            for second in first...units.count {
                var joiner = PieceJoiner()
                var joined = ""
                for part in [units[..<first], units[first..<second], [], units[second...]] {
                    let content = part.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
                    joined += joiner.append(try #require(try fragment("\"\(content)\"").piece))
                }
                #expect(joined + joiner.finish() == text, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `a half that finds no other becomes the replacement character`() throws {
        var joiner = PieceJoiner()
        func add(_ content: String) throws -> String {
            joiner.append(try #require(try fragment("\"\(content)\"").piece))
        }
        #expect(try add(#"a\ud83d"#) == "a")
        #expect(joiner.isWaiting)
        #expect(try add(#"b\ud83d"#) == "\u{fffd}b")
        #expect(try add(#"\ud83d"#) == "\u{fffd}")
        #expect(try add(#"\ude00"#) == "😀")
        #expect(try add(#"\ude00"#) == "\u{fffd}")
        #expect(!joiner.isWaiting)
        #expect(joiner.finish() == "")
        #expect(try add(#"\ud83d"#) == "")
        #expect(joiner.finish() == "\u{fffd}")
    }
}
