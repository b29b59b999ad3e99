import NIOCore
import Testing

@testable import StatelineTesting

/// The proxy's pure parts: frames, faults, pairing and pace.
@Suite struct RelayTests {
    private func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func `frames are found however the stream is cut`() throws {
        let frames = [
            "+OK\r\n", "-ERR no\r\n", ":12\r\n", "$-1\r\n", "$0\r\n\r\n", "$5\r\na\r\nb*\r\n", "*-1\r\n", "*0\r\n",
            "*2\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n$2\r\n\r\n\r\n", "%1\r\n+a\r\n:1\r\n", "PING\r\n",
        ]
        let stream = frames.joined()
        for size in 1...stream.utf8.count {
            var (scanner, received, found) = (RESPScanner(), ByteBuffer(), [String]())
            var rest = Substring(stream)
            while !rest.isEmpty {
                received.writeString(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
                while let frame = try scanner.next(&received) { found.append(String(buffer: frame)) }
            }
            // Characters such as "\r\n" are one each, so that a cut is never between them in this text.
            #expect(found == frames, "in pieces of \(size)")
            #expect(received.readableBytes == 0)
        }
    }

    @Test func `frames are found where each byte comes alone`() throws {
        var (scanner, received, found) = (RESPScanner(), ByteBuffer(), 0)
        for byte in "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n+OK\r\n".utf8 {
            received.writeInteger(byte)
            while try scanner.next(&received) != nil { found += 1 }
        }
        #expect(found == 2)
    }

    @Test func `what is no RESP is no frame`() {
        for text in ["\u{16}\u{3}\n", "$x\r\n", "*99999999999999999999\r\n", "$-7\r\n"] {
            var (scanner, received) = (RESPScanner(), buffer(text))
            #expect(throws: RESPScanner.Malformed.self, "\(text.debugDescription)") { try scanner.next(&received) }
        }
    }

    @Test func `requests and replies are paired in order`() {
        var relay = RelayStateMachine()
        #expect(relay.request(buffer("a"), nil) == [.up(buffer("a"))])
        #expect(relay.request(buffer("b"), RequestFault(.dropReply)) == [.up(buffer("b"))])
        #expect(relay.request(buffer("c"), nil) == [.up(buffer("c"))])
        #expect(relay.unanswered == 3)
        #expect(relay.reply(buffer("A")) == [.down(buffer("A"), after: .zero)])
        #expect(relay.reply(buffer("B")) == [])
        #expect(relay.reply(buffer("C")) == [.down(buffer("C"), after: .zero)])
        #expect(relay.reply(buffer("D")) == [.down(buffer("D"), after: .zero)], "what nobody asked for passes")
    }

    @Test func `the proxy's own replies wait for those before them`() {
        var relay = RelayStateMachine()
        let own = RequestFault(.answer(buffer("own")))
        #expect(relay.request(buffer("a"), own) == [.down(buffer("own"), after: .zero)])
        #expect(relay.request(buffer("b"), RequestFault(.swapReplyWithNext)) == [.up(buffer("b"))])
        #expect(relay.request(buffer("c"), own) == [])
        #expect(relay.request(buffer("d"), nil) == [.up(buffer("d"))])
        #expect(relay.reply(buffer("B")) == [.down(buffer("own"), after: .zero), .down(buffer("B"), after: .zero)])
        #expect(relay.reply(buffer("D")) == [.down(buffer("D"), after: .zero)])
    }

    @Test func `after a cut nothing passes`() {
        for (action, expected) in [
            (RequestFault.Action.cutBeforeReply, [RelayStateMachine.Action.end(.reset)]),
            (.cutAfterReply, [.down(ByteBuffer(string: "A"), after: .zero), .end(.reset)]),
            (.cutInReply(after: 0), [.down(ByteBuffer(), after: .zero), .end(.reset)]),
        ] {
            var relay = RelayStateMachine()
            _ = relay.request(buffer("a"), RequestFault(action, ending: .reset))
            #expect(relay.reply(buffer("A")) == expected)
            #expect(relay.request(buffer("b"), nil) == [])
            #expect(relay.reply(buffer("B")) == [])
        }
    }

    @Test func `a cut before a request waits for the replies before it`() {
        var relay = RelayStateMachine()
        #expect(relay.request(buffer("a"), nil) == [.up(buffer("a"))])
        #expect(relay.request(buffer("b"), RequestFault(.cutBeforeRequest)) == [])
        #expect(relay.request(buffer("c"), nil) == [])
        #expect(relay.reply(buffer("A")) == [.down(buffer("A"), after: .zero), .end(.close)])
        #expect(relay.reply(buffer("B")) == [])
    }

    @Test func `a plan matches by request, command and connection`() {
        var plan = FaultPlan()
        plan.add(RequestFault(.dropReply, request: 2))
        plan.add(RequestFault(.duplicateReply, command: "get", connection: 1))
        #expect(plan.fault(request: 1, command: "GET", connection: 2) == nil)
        #expect(plan.fault(request: 2, command: "GET", connection: 1)?.action == .dropReply)
        #expect(plan.fault(request: 2, command: "GET", connection: 1)?.action == .duplicateReply)
        #expect(plan.fault(request: 2, command: "GET", connection: 1) == nil)
        #expect(plan.hits == 2)
    }

    @Test func `a round trip begins after a reply and ends with the next`() {
        var trips = RoundTripCounter()
        var passed: [Bool] = []
        for step in ["reply", "request", "request", "reply", "reply", "request", "reply"] {
            if step == "request" { trips.requestBegan() } else { passed.append(trips.replyPassed()) }
        }
        #expect(passed == [false, true, false, true], "a reply that nobody asked for ends none")
    }

    @Test func `pieces are due in order, no earlier than latency and bandwidth allow`() {
        var shape = FaultProxy.Shape()
        shape.latency = .milliseconds(10)
        shape.jitter = .milliseconds(10)
        shape.sliceBytes = 3
        shape.bytesPerSecond = 1000
        var pace = Pace(seed: 1)
        var last = NIODeadline.uptimeNanoseconds(0)
        for second in 1...100 {
            let now = NIODeadline.uptimeNanoseconds(UInt64(second) * 5_000_000)
            let pieces = pace.pieces(of: buffer("0123456789"), now: now, shape: shape)
            #expect(pieces.map { String(buffer: $0.bytes) } == ["012", "345", "678", "9"])
            for piece in pieces {
                #expect(piece.due >= last + .milliseconds(Int64(piece.bytes.readableBytes)))
                last = piece.due
            }
        }
    }
}
