import Stateline

/// An answer of text alone, in the plain form and in the streamed form that a provider would send it in.
struct TextAnswer {
    var text: String

    static let expectedUsage = Usage(
        input: .init(totalTokenCount: 100, cachedTokenCount: 64),
        output: .init(totalTokenCount: 20, reasoningTokenCount: 7)
    )

    private static let usage = """
        {"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":64},\
        "completion_tokens_details":{"reasoning_tokens":7}}
        """

    /// The answer as one object.
    var plain: String {
        """
        {"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":\(JSONText.quoted(text))},\
        "finish_reason":"stop"}],"usage":\(Self.usage)}
        """
    }

    /// The answer as server-sent events, one for each `size` characters.
    func stream(chunkSize size: Int) -> String {
        var data = stride(from: 0, to: text.count, by: size)
            .map { start in
                let piece = JSONText.quoted(String(text.dropFirst(start).prefix(size)))
                return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\(piece)},\"finish_reason\":null}]}"
            }
        data.append("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}")
        data.append("{\"choices\":[],\"usage\":\(Self.usage)}")
        return (data + ["[DONE]"]).map { "data: \($0)\n\n" }.joined()
    }

    /// The entries that either form gives.
    var expectedEntries: [Entry] { [Entry(.response([.text(text)]))] }
}
