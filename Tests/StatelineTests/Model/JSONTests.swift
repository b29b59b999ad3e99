import Foundation
import Testing

@testable import Stateline

@Suite struct JSONTests {
    @Test func `literals are values`() {
        #expect((nil as JSON).text == "null")
        #expect(("a\"" as JSON).text == #""a\"""#)
        #expect(([1, -2.5, true, ["x": []]] as JSON).text == #"[1,-2.5,true,{"x":[]}]"#)
    }

    @Test func `a text is kept to the letter, and must be JSON of one meaning`() throws {
        #expect(try JSON(text: #" {"a": 1.0} "#).text == #" {"a": 1.0} "#)
        #expect(throws: JSONError.duplicateKey("a")) { try JSON(text: #"{"a":1,"a":2}"#) }
        #expect(throws: JSONError.self) { try JSON(text: "{") }
    }

    @Test func `any value is decoded`() throws {
        struct Box: Decodable { let value: JSON }
        let text = #"{"value":{"b":[null,true,1,2.5,"x",{}],"a":"é"}}"#
        let box = try JSONDecoder().decode(Box.self, from: Data(text.utf8))
        #expect(box.value.text == #"{"a":"é","b":[null,true,1,2.5,"x",{}]}"#)
    }
}
