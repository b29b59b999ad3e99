import NIOCore
import Testing

@testable import Stateline

/// What the stored form costs, and what it does at the bounds of its fields.
@Suite struct BatchFormatLimitTests {
    private static let digest = Digest.sha256(ByteBuffer(string: "any"))

    private static func crossing(route: Route, count: Int = 0) -> Crossing {
        var crossing = Crossing(
            step: 0,
            route: route,
            started: Timestamp(milliseconds: .max),
            sentAgainBytes: count,
            newBytes: count,
            requestDigest: digest,
            outcome: .answered(.stop)
        )
        crossing.sentAgainTokens = count
        crossing.newTokens = count
        crossing.receivedBytes = count
        crossing.answerDigest = digest
        crossing.requestID = String(repeating: "r", count: route.provider.count > 32 ? 8 : 36)
        crossing.usage = Usage(
            input: Usage.Input(totalTokenCount: count, cachedTokenCount: count),
            output: Usage.Output(totalTokenCount: count, reasoningTokenCount: count)
        )
        crossing.firstByte = .seconds(3600)
        crossing.duration = .seconds(3600)
        return crossing
    }

    private static func head(count: Int, total: Int) -> Head {
        let revision = Revision(rawValue: UInt64(count))
        var head = Head(position: Position(incarnation: .random(), revision: revision, digest: digest))
        head.totals.entries = count
        head.totals.crossings = count
        head.totals.sentAgainBytes = total
        head.totals.newBytes = total
        head.totals.receivedBytes = total
        head.totals.sentAgainTokens = total
        head.totals.newTokens = total
        head.totals.cachedTokens = total
        head.totals.outputTokens = total
        head.view.revision = revision
        head.view.entries = count
        head.view.sentEntries = count
        head.view.sentTokens = count
        return head
    }

    /// A crossing of the longest route, with 1 GiB sent and received, as the 2^30th of a session whose totals are at
    /// their bound.
    @Test func `a turn costs less than 512 bytes beyond its entries' content`() throws {
        let long = Route(
            provider: String(repeating: "p", count: 500),
            endpoint: String(repeating: "e", count: 500),
            model: String(repeating: "m", count: 500)
        )
        let texts = ["And tomorrow?", String(repeating: "t", count: 1024), "Rain."]
        var batch = Batch(.turn, turn: .random(), created: Timestamp(milliseconds: .max))
        batch.entries = [.prompt(texts[0]), Entry(.reasoning(Reasoning(text: texts[1]))), .response(texts[2])]
        batch.crossings = [Self.crossing(route: long, count: 1 << 30 - 1)]
        let head = Self.head(count: 1 << 30 - 1, total: BatchFormat.maximumCount)
        let bytes = EncodedBatch(batch, head: head, after: head.position).bytes
        let overhead = bytes.readableBytes - texts.reduce(0) { $0 + $1.utf8.count }
        print("stored form of a turn of one crossing, beyond its entries' content: at most \(overhead) bytes")
        #expect(overhead <= 500)
    }

    @Test func `a usual turn costs less than 350 bytes beyond its entries' content`() throws {
        var batch = Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 1_795_392_000_123))
        batch.entries = [.prompt("And tomorrow?"), .response("Rain.")]
        let route = Route(provider: "openai", endpoint: "api.openai.com", model: "gpt-5.2-mini")
        batch.crossings = [Self.crossing(route: route, count: 10_000)]
        let bytes = EncodedBatch(
            batch,
            head: Self.head(count: 100, total: 1 << 20),
            after: Self.head(count: 99, total: 0).position
        )
        .bytes
        let overhead = bytes.readableBytes - batch.entries.reduce(0) { $0 + $1.text.utf8.count }
        print("stored form of a usual turn, beyond its entries' content: \(overhead) bytes")
        #expect(overhead <= 350)
    }

    @Test func `a request id is stored whole or not at all, within the bytes that the route leaves it`() throws {
        let short = Route(provider: "openai", endpoint: "api.openai.com", model: "gpt-5.2-mini")
        for (length, isStored) in [(1, true), (136, true), (137, false), (1000, false)] {
            var crossing = Self.crossing(route: short)
            crossing.requestID = String(repeating: "r", count: length)
            #expect(try Self.roundTrip(crossing).requestID == (isStored ? crossing.requestID : nil), "\(length)")
        }
    }

    @Test func `route texts are cut before the scalar that exceeds their length`() throws {
        let route = Route(
            provider: String(repeating: "é", count: 17),
            endpoint: "a" + String(repeating: "🌍", count: 20),
            model: String(repeating: "m", count: 64)
        )
        let read = try Self.roundTrip(Self.crossing(route: route))
        #expect(read.route.provider == String(repeating: "é", count: 16))
        #expect(read.route.endpoint == "a" + String(repeating: "🌍", count: 15))
        #expect(read.route.model == route.model)
    }

    /// Counts, and what is stored of them.
    private static let counts: [(Int, Int)] = {
        let maximum = BatchFormat.maximumCount
        let inBounds = [0, 63, 64, 16_383, 16_384, 1 << 30, maximum].map { ($0, $0) }
        return inBounds + [(-1, 0), (Int.min, 0), (maximum + 1, maximum), (Int.max, maximum)]
    }()

    @Test(arguments: counts)
    func `counts beyond their bounds are stored as the nearest bound`(count: Int, stored: Int) throws {
        let read = try Self.roundTrip(Self.crossing(route: Route(provider: "p", model: "m"), count: count))
        #expect(read.newBytes == stored)
        #expect(read.usage?.output.reasoningTokenCount == stored)
    }

    /// Times, and what is stored of them.
    private static let times: [(Duration, Duration)] = [
        (.zero, .zero),
        (.nanoseconds(1), .nanoseconds(1)),
        (.nanoseconds(-1), .zero),
        (Duration(secondsComponent: 1, attosecondsComponent: 999), .seconds(1)),
        (.seconds(Int64.max), .nanoseconds(BatchFormat.maximumVarint)),
    ]

    @Test(arguments: times)
    func `times are whole nanoseconds within bounds`(time: Duration, stored: Duration) throws {
        var crossing = Self.crossing(route: Route(provider: "p", model: "m"))
        crossing.firstByte = time
        crossing.duration = time
        let read = try Self.roundTrip(crossing)
        #expect(read.firstByte == stored)
        #expect(read.duration == stored)
    }

    @Test func `a count beyond its bound is refused`() {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt64.max)
        #expect(throws: FormatError.self) { try buffer.readCount("count") }
    }

    @Test func `a length beyond the bytes that are there is refused without an allocation of it`() {
        var buffer = ByteBuffer()
        buffer.writeEncodedInteger(1 << 61, strategy: .quic)
        #expect(throws: FormatError.self) { try buffer.readText("text") }
        #expect(throws: FormatError.self) { try BatchFormat.readEntry(from: &buffer) }
    }

    @Test func `bytes that are not UTF-8 are refused, not repaired`() {
        var buffer = ByteBuffer(bytes: [2, 0xc3, 0x28])
        #expect(throws: FormatError.self) { try buffer.readText("text") }
    }

    @Test(
        arguments: [
            [1, 1, 0],  // an empty section
            [9, 1, 0],  // an unknown tag
            [3, 0],  // a view without a base
            [3, 2, 0, 0, 3, 2, 0, 0],  // the same tag twice
            [3, 2, 0, 0, 1, 1, 0],  // tags that do not ascend
            [3, 4, 0, 0, 0, 0],  // an empty range
            [1, 2, 1, 9],  // an unknown kind of entry
            [1, 4, 3, 0x02, 9, 0],  // an unknown kind of part
            [1, 4, 3, 0x03, 2, 0],  // an unknown flag
        ] as [[UInt8]]
    )
    func `sections that version 1 does not allow are refused`(section: [UInt8]) {
        let head = Self.head(count: 1, total: 1)
        var body = BatchFormat.encode(Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 0)))
        body.writeBytes(section)
        let bytes = BatchFormat.frame(body: body, head: BatchFormat.encode(head), digest: Self.digest)
        #expect(throws: FormatError.self) { try EncodedBatch(stored: bytes).decoded() }
    }

    /// Extensions of two tags, and how many bytes the stored form of both takes.
    private static func extensions(storedSize: Int) -> [FormatExtension] {
        let (tags, lengths, first) = (2, 4, 2000)
        return [
            FormatExtension(tag: 200, bytes: ByteBuffer(repeating: 7, count: first)),
            FormatExtension(tag: 201, bytes: ByteBuffer(repeating: 7, count: storedSize - tags - lengths - first)),
        ]
    }

    @Test func `a head with more than 4 KiB of fields that are not known is refused`() throws {
        for (size, isAccepted) in [(4096, true), (4097, false), (1 << 14, false)] {
            var head = Self.head(count: 1, total: 1)
            head.extensions = Self.extensions(storedSize: size)
            var stored = BatchFormat.encode(head)
            if isAccepted {
                #expect(try BatchFormat.readHead(digest: Self.digest, from: &stored) == head)
            } else {
                let error = #expect(throws: FormatError.self) {
                    try BatchFormat.readHead(digest: Self.digest, from: &stored)
                }
                #expect(error?.isNewer == false)
            }
        }
    }

    @Test func `a crossing with more than 4 KiB of fields that are not known is refused`() throws {
        var crossing = Self.crossing(route: Route(provider: "p", model: "m"))
        crossing.extensions = Self.extensions(storedSize: 4096)
        #expect(try Self.roundTrip(crossing) == crossing)
        crossing.extensions = Self.extensions(storedSize: 4097)
        let error = #expect(throws: FormatError.self) { try Self.roundTrip(crossing) }
        #expect(error?.isNewer == false)
    }

    @Test(arguments: [0, 1, 63, 64, 16_000, 16_383, 16_384, 100_000])
    func `an entry of any length round-trips`(length: Int) throws {
        let entry = Entry.response(String(repeating: "x", count: length))
        var buffer = ByteBuffer()
        BatchFormat.write(entry, to: &buffer)
        #expect(try BatchFormat.readEntry(from: &buffer) == entry)
        #expect(buffer.readableBytes == 0)
    }

    private static func roundTrip(_ crossing: Crossing) throws -> Crossing {
        var buffer = ByteBuffer()
        BatchFormat.write(crossing, to: &buffer)
        let read = try BatchFormat.readCrossing(from: &buffer)
        #expect(buffer.readableBytes == 0)
        return read
    }
}
