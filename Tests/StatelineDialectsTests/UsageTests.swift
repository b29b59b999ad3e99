import NIOCore
import Stateline
import Testing

@testable import StatelineDialects

@Suite struct UsageTests {
    @Test(
        arguments: [
            (#"{"prompt_tokens":9,"completion_tokens":4}"#, 9, nil, nil),
            (#"{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":0}}"#, 9, 0, nil),
            (#"{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":null,"cached_tokens":3}"#, 9, 3, nil),
            (
                #"{"prompt_tokens":9,"completion_tokens":4,"prompt_cache_hit_tokens":5,"prompt_cache_miss_tokens":4}"#,
                9, 5,
                nil
            ),
            (
                #"{"prompt_tokens":9,"completion_tokens":4,"cache_read_input_tokens":6,"cache_creation_input_tokens":1}"#,
                9, 6,
                nil
            ),
            (
                #"{"input_tokens":2,"output_tokens":4,"cache_read_input_tokens":6,"cache_creation_input_tokens":1}"#, 9,
                6,
                nil
            ),
            (
                #"{"input_tokens":9,"output_tokens":4,"input_tokens_details":{"cached_tokens":7},"output_tokens_details":{"reasoning_tokens":2}}"#,
                9, 7, 2
            ),
            (
                #"{"prompt_tokens":9,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":1}}"#, 9,
                nil, 1
            ),
            (#"{"prompt_tokens":9,"completion_tokens":4,"num_cached_tokens":2}"#, 9, 2, nil),
            (#"{"prompt_tokens":9,"completion_tokens":4,"cached_tokens":-2}"#, 9, nil, nil),
        ] as [(String, Int, Int?, Int?)]
    )
    func `cached tokens are read under each provider's name, and are unknown without one`(
        json: String,
        input: Int,
        cached: Int?,
        reasoning: Int?
    ) throws {
        let usage = try #require(Usage(try JSONFragment(validating: ByteBuffer(string: json))))
        #expect(usage.input == Usage.Input(totalTokenCount: input, cachedTokenCount: cached))
        #expect(usage.output == Usage.Output(totalTokenCount: 4, reasoningTokenCount: reasoning))
    }

    @Test func `a sum knows what all of its parts know`() {
        let known = Usage(
            input: .init(totalTokenCount: 2, cachedTokenCount: 1),
            output: .init(totalTokenCount: 3, reasoningTokenCount: 1)
        )
        let bare = Usage(input: .init(totalTokenCount: 2), output: .init(totalTokenCount: 3))
        #expect((known + known).input.cachedTokenCount == 2 && (known + known).output.reasoningTokenCount == 2)
        #expect((known + bare).input == .init(totalTokenCount: 4) && (bare + known).output == .init(totalTokenCount: 6))
    }
}
