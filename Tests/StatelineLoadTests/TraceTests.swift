import NIOCore
import Testing

@testable import StatelineLoad

@Suite struct TraceTests {
    private static let header = "session,agent,step,t_s,in_tok,shared_tok,new_tok,out_tok,api_s,think_s\n"

    private func rows(_ text: String, agent: String? = "main") throws -> [Trace.Session] {
        try Trace(ByteBuffer(string: Self.header + text), agent: agent).sessions
    }

    @Test func `rows become steps that continue, or rewrite, what was before`() throws {
        let sessions = try rows(
            """
            a,main,0,0,1000,0,1000,50,2.5,0.0
            b,main,0,0,10,0,10,1,,
            a,sub,0,0,7,0,7,1,1,1
            a,main,1,9,1100,960,140,500,1,30
            a,main,2,9,1900,1088,812,20,1,4
            a,main,3,9,700,640,60,20,1,4\r

            """
        )
        #expect(sessions.map(\.turns.count) == [4, 1])
        let steps = sessions[0].turns
        #expect(steps.map(\.requestTokens) == [1000, 1100, 1900, 700])
        #expect(steps.map(\.rewrite) == [nil, nil, nil, .rewind])
        #expect(steps.map(\.commonTokens) == [0, 1000, 1100, 640])
        #expect(steps.map(\.tracedCommonTokens) == [0, 960, 1088, 640])
        // Of an answer stays what the next request has room for.
        #expect(steps.map(\.keptTokens) == [50, 500, 20, 20])
        #expect(steps.map(\.modelTime) == [.seconds(2.5), .seconds(1), .seconds(1), .seconds(1)])
        #expect(steps.map(\.start) == [.after(.zero), .after(.seconds(30)), .after(.seconds(4)), .after(.seconds(4))])
        #expect(sessions[1].turns[0].modelTime == .zero)
    }

    @Test func `agents of a session are sessions of their own where all are wanted`() throws {
        let text = "a,main,0,0,10,0,10,1,1,0\na,sub,0,0,7,0,7,1,1,0\na,main,1,0,20,10,10,1,1,0\n"
        #expect(try rows(text, agent: nil).map(\.turns.count) == [2, 1])
        #expect(try rows(text, agent: "sub").map(\.turns.count) == [1])
    }

    @Test(arguments: [
        ("a,main,0,0,10,0,10,1,1,0\na,main,1,0", 3),
        ("a,main,0,0,ten,0,10,1,1,0", 2),
        ("a,main,0,0,-1,0,10,1,1,0", 2),
        ("a,main,0,0,0,0,10,1,1,0", 2),
        ("a,main,0,0,99999999999,0,10,1,1,0", 2),
        ("a,main,0,0,10,11,0,1,1,0", 2),
        ("a,main,0,0,10,0,0,1,fast,0", 2),
        ("a,main,0,0,10,0,0,1,1,nan", 2),
        ("a,main,0,0,10,0,0,1,-1,0", 2),
        ("a,main,0,0,10,0,10,1,1,0\nb,main,0,0,10,0,10,1,1,0\na,main,1,0,20,11,9,1,1,0", 4),
    ])
    func `what is wrong with a row is told with its line`(_ text: String, _ line: Int) throws {
        let error = #expect(throws: TraceError.self) { try rows(text) }
        #expect(error?.line == line)
    }

    @Test(arguments: ["", "\n\n", "session,in_tok\na,1\n", header, "\u{1F}\u{8B}"])
    func `a file that is no trace is refused`(_ text: String) {
        #expect(throws: TraceError.self) { try Trace(ByteBuffer(string: text)) }
    }

    @Test func `lines of JSON become steps by their sessions, their times and their blocks`() throws {
        let text = """
            {"session_id": "a", "timestamp": 500, "input_length": 1000, "output_length": 5, "hash_ids": [1, 2]}
            {"timestamp": 700, "input_length": 10, "output_length": 5, "hash_ids": [1]}

            {"session_id": "a", "timestamp": 900, "input_length": 2000, "output_length": 5, "hash_ids": [1, 3, 4, 5]}
            {"session_id": 7, "timestamp": 950, "input_length": 10, "output_length": 2}
            {"session_id": "a", "delay": 250, "input_length": 1100, "output_length": 5, "hash_ids": [1, 9, 10]}
            {"session_id": 7, "delay": 1, "input_length": 30, "output_length": 2, "other": {}}
            """
        let sessions = try Trace(ByteBuffer(string: text)).sessions
        #expect(sessions.map(\.turns.count) == [3, 1, 2])
        #expect(sessions.map(\.arrival) == [.milliseconds(500), .milliseconds(700), .milliseconds(950)])
        let steps = sessions[0].turns
        // The second block was not full and has another name now; the third request parts from the second in it.
        #expect(steps.map(\.rewrite) == [nil, nil, .rewind])
        #expect(steps.map(\.tracedCommonTokens) == [0, 512, 512])
        #expect(steps.map(\.commonTokens) == [0, 1000, 512])
        #expect(steps.map(\.start) == [.after(.zero), .at(.milliseconds(900)), .after(.milliseconds(250))])
        #expect(sessions[2].turns[1].commonTokens == 10)
        let arrivals = Workload.replaying(Trace(sessions: sessions)).arrivals(in: .init(sessions: 3, rate: 1, speed: 2))
        #expect(arrivals == [.zero, .milliseconds(100), .milliseconds(225)])
    }

    @Test(arguments: [
        ("{\"input_length\": 1, \"output_length\": 1}\n{\"input_length\": 1}", 2),
        ("{\"input_length\": \"x\", \"output_length\": 1}", 1),
        ("{\"input_length\": 1, \"output_length\": 1", 1),
        ("{\"input_length\": -1, \"output_length\": 1}", 1),
        ("{\"input_length\": 1, \"output_length\": 1, \"timestamp\": -5}", 1),
        ("{\"input_length\": 0, \"output_length\": 1}", 1),
        ("{\"input_length\": 1, \"output_length\": 1, \"hash_ids\": [\"a\"]}", 1),
        (
            "{\"session_id\": 1, \"input_length\": 1, \"output_length\": 1, \"timestamp\": 5}\n\n"
                + "{\"session_id\": 1, \"input_length\": 2, \"output_length\": 1, \"timestamp\": 4}", 3
        ),
    ])
    func `what is wrong with a line of JSON is told with its number`(_ text: String, _ line: Int) {
        let error = #expect(throws: TraceError.self) { try Trace(ByteBuffer(string: text)) }
        #expect(error?.line == line)
    }
}
