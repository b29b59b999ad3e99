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

    @Test(arguments: [
        "18446744073709551615", "-9223372036854775808", "12345678901234567890123", "0.1234567890123456789012345678",
        "-0.5",
    ])
    func `a number of up to 38 digits is decoded to the last digit`(number: String) throws {
        #expect(try JSONDecoder().decode(JSON.self, from: Data(number.utf8)).text == number)
    }

    @Test(arguments: ["1e300", "1e-300", "123456789012345678901234567890123456789012345"])
    func `a number beyond that is the nearest of a double`(number: String) throws {
        let text = try JSONDecoder().decode(JSON.self, from: Data(number.utf8)).text
        #expect(Double(text) == Double(number))
    }
}
