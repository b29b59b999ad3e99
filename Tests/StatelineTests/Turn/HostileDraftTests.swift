import Foundation
import StatelineMemory
import Testing

@testable import Stateline

/// Drafts of another process, which may be hostile.
@Suite struct HostileDraftTests {
    /// Swift sorts a run of marks each time it compares or hashes a string: in O(n²).
    @Test(arguments: [30, 31])
    func `a draft whose ids have long runs of combining marks is refused`(markCount: Int) throws {
        let id = "a" + String(repeating: "\u{0301}", count: markCount)
        let call = Entry(.toolCalls([ToolCall(id: id, name: "t", arguments: "{}")]))
        let named = Entry(.toolCalls([ToolCall(id: "1", name: id, arguments: "{}")]))
        let output = Entry(.toolOutput(ToolOutput(callID: id, name: "t", text: "x")))
        for entry in [call, named, output] {
            let draft = Draft(
                turn: .random(),
                base: .origin(of: SessionKey("s"), incarnation: .random()),
                entries: [entry]
            )
            let bytes = try JSONEncoder().encode(draft)
            if markCount > 30 {
                #expect(throws: DecodingError.self) { try JSONDecoder().decode(Draft.self, from: bytes) }
            } else {
                #expect(try JSONDecoder().decode(Draft.self, from: bytes) == draft)
            }
        }
    }
}
