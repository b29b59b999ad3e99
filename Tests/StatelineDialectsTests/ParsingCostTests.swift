#if DEBUG
import NIOCore
import Stateline
import Testing

@testable import StatelineDialects

/// Bounds the work of odd and hostile answers by counted steps: bytes walked and names compared.
@Suite struct ParsingCostTests {
    /// An answer of *n* like things.
    enum Shape: CaseIterable, Sendable {
        case unknownMembers
        case unknownMembersOfDeltas
        case piecesOfOneUnknownMember
        case callsOfOneDelta
        case callsOfOneIndex
        case membersOfOneCall
        case piecesOfArguments
        case elementsOfContent
        case unknownElementsOfContent
        case piecesOfReasoningDetails
        case repeatedCalls

        private func delta(_ members: String) -> String {
            #"{"choices":[{"delta":{"content":"a",\#(members)},"finish_reason":"stop"}]}"#
        }

        private func chunks(_ count: Int) -> [String] {
            let each = 0..<count
            func joined(_ element: (Int) -> String) -> String { each.map(element).joined(separator: ",") }
            func calls(_ calls: String) -> String { delta(#""tool_calls":[\#(calls)]"#) }
            let piece = #"{"index":0,"id":"a","function":{"name":"f","arguments":"b"}}"#
            let part = #"{"type":"text","text":"a"}"#
            func call(_ number: Int, index: Int) -> String {
                #"{"index":\#(index),"id":"id\#(number)","function":{"name":"f","arguments":"{}"}}"#
            }
            return switch self {
            case .unknownMembers: [delta(joined { #""x\#($0)":0"# })]
            case .unknownMembersOfDeltas: each.map { delta(#""x\#($0)":0"#) }
            case .piecesOfOneUnknownMember: each.map { _ in delta(#""x":"ab""#) }
            case .callsOfOneDelta: [calls(joined { call($0, index: $0) })]
            case .callsOfOneIndex: [calls(joined { call($0, index: 0) })]
            case .membersOfOneCall: [calls(#"{"id":"a","function":{"name":"f"},\#(joined { #""x\#($0)":[0]"# })}"#)]
            case .piecesOfArguments: each.map { _ in calls(piece) }
            case .elementsOfContent:
                [#"{"choices":[{"delta":{"content":[\#(joined { _ in part })]},"finish_reason":"stop"}]}"#]
            case .unknownElementsOfContent:
                [#"{"choices":[{"delta":{"content":[\#(joined { _ in #"{"type":"x"}"# })]},"finish_reason":"stop"}]}"#]
            case .piecesOfReasoningDetails: each.map { _ in delta(#""reasoning_details":[{"type":"t","text":"ab"}]"#) }
            case .repeatedCalls: each.map { _ in calls(call(1, index: 0)) }
            }
        }

        func stream(_ count: Int) -> String {
            chunks(count).map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
        }
    }

    private func steps(_ text: String) throws -> Int {
        let counter = StepCounter()
        _ = try StepCounter.$current.withValue(counter) { try parse(stream: text) }
        return counter.count
    }

    @Test(arguments: Shape.allCases)
    func `four times the answer takes four times the steps`(shape: Shape) throws {
        let (few, many) = (try steps(shape.stream(125)), try steps(shape.stream(500)))
        #expect(few > 0)
        // Numbers of more digits make the longer answer a little more than four times the shorter.
        #expect(many < 5 * few, "\(few) steps, then \(many)")
    }
}
#endif
