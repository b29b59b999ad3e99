internal import Stateline

extension Crossing {
    /// The label for the failure of a call; `nil` if it was answered to the end.
    var errorType: String? {
        switch outcome {
        case .answered: nil
        case .failed(let code), .incomplete(let code): code
        case .cancelled: "cancelled"
        case .abandoned: "abandoned"
        }
    }
}

extension FinishReason {
    /// The name in the conventions for generative AI; a provider's own words are not passed on.
    var conventionalName: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        case .incomplete: "incomplete"
        case .other: "_OTHER"
        }
    }
}
