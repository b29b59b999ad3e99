import NIOCore

@testable import Stateline

extension LogTrial {
    /// Logs with everything that a log may hold, as inputs to begin with.
    static let seeds: [[UInt8]] = [turns, views, fork, newer, settings]
        .flatMap { log in
            [input(log, isHonest: true), input(log, isHonest: false)]
        }

    /// An input of some batches.
    ///
    /// - Parameters:
    ///   - log: The batches.
    ///   - isHonest: Whether their heads are computed anew from what they hold, or taken over.
    /// - Returns: The input.
    private static func input(_ log: [EncodedBatch], isHonest: Bool) -> [UInt8] {
        var input = ByteBuffer()
        for encoded in log {
            guard let frame = try? BatchFormat.Frame(encoded.bytes) else { continue }
            var head = frame.summary
            _ = try? BatchFormat.readPosition(digest: .zero, from: &head)
            input.writeInteger(UInt16(frame.body.readableBytes))
            input.writeInteger(isHonest ? 0 : UInt8(2 + head.readableBytes))
            input.writeImmutableBuffer(frame.body)
            if !isHonest { input.writeImmutableBuffer(head) }
        }
        return Array(input.readableBytesView)
    }

    private static var writer: LogWriter { LogWriter(key, incarnation: Incarnation(rawValue: 7)) }

    private static func batch(_ kind: Batch.Kind, _ entries: Entry..., view: Batch.View? = nil) -> Batch {
        var batch = Batch(kind, turn: TurnID(rawValue: 3), created: Timestamp(milliseconds: 5))
        batch.entries = entries
        batch.view = view
        return batch
    }

    private static var turns: [EncodedBatch] {
        var writer = writer
        let calls = [ToolCall(id: "1", name: "f", arguments: "{}")]
        var turn = batch(.turn, .prompt("p"), Entry(.toolCalls(calls)), .response("r"))
        var crossing = Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: 100,
            newBytes: BatchFormat.maximumCount,
            requestDigest: .zero,
            outcome: .failed("f")
        )
        crossing.repeatedToolBytes = 60
        crossing.sentAgainTokens = 7
        crossing.usage = Usage(
            input: Usage.Input(totalTokenCount: 9, cachedTokenCount: 8),
            output: Usage.Output(totalTokenCount: 5, reasoningTokenCount: 1)
        )
        turn.crossings = [crossing, crossing]
        return [writer.append(batch(.creation, .instructions("i"))), writer.append(turn), writer.append(turn)]
    }

    private static var views: [EncodedBatch] {
        var writer = writer
        let summary = Batch.View(base: 0, kept: 0, ranges: [6..<7, 4..<6])
        let compaction = batch(.view, Entry(.compaction([])), view: summary)
        return [
            writer.append(batch(.creation, .prompt("0"), .response("1"))),
            writer.append(batch(.turn, .prompt("2"), .response("3"))),
            writer.append(batch(.view, view: Batch.View(base: 1, kept: 1))),
            writer.append(batch(.turn, .prompt("4"), .response("5"))),
            writer.append(compaction),
            writer.append(batch(.view, view: Batch.View(base: 4, kept: 2, ranges: [0..<1]))),
            writer.append(batch(.turn, .prompt("7"))),
        ]
    }

    private static var fork: [EncodedBatch] {
        var writer = writer
        var log = [writer.append(batch(.creation, .prompt("0")))]
        let (fork, first) = writer.fork(as: "fork", created: Timestamp(milliseconds: 5))
        writer = fork
        log += [first, writer.append(batch(.turn, .response("1")))]
        return log
    }

    private static var settings: [EncodedBatch] {
        var writer = writer
        var change = batch(.edit, .instructions("j"), view: Batch.View(base: 0, kept: 0, ranges: [1..<2]))
        var settings = Batch.Settings()
        settings.options =
            GenerationOptions(
                temperature: 1,
                stopSequences: ["."],
                toolChoice: .tool("t"),
                responseFormat: .jsonObject,
                providerMembers: ["a": 1]
            )
            .stored
        settings.tools = DeclaredTools(names: ["t"], fingerprint: 5)
        change.settings = settings
        return [
            writer.append(batch(.creation, .instructions("i"))), writer.append(change),
            writer.append(batch(.turn, .prompt("p"), .response("r"))),
        ]
    }

    private static var newer: [EncodedBatch] {
        var writer = writer
        let field = FormatExtension(tag: 200, bytes: ByteBuffer(bytes: [1, 2]))
        var newer = batch(Batch.Kind(rawValue: 77), Entry(.prompt([.text("p")]), extensions: [field]))
        newer.extensions = [field]
        return [
            writer.append(batch(.creation, .prompt("0"))),
            writer.append(newer, extensions: [field]),
            writer.append(batch(.turn, .response("1"))),
        ]
    }
}
