internal import NIOCore
internal import Stateline
internal import StatelineMemory
internal import StatelineMetrics
internal import StatelineDialects
internal import Synchronization
internal import Workload

extension HotOperation {
    /// Prepares the operation.
    func prepared() async throws -> HotPath {
        switch self {
        case .turnEarly, .turnLate, .turnCached: try await turns()
        case .projectEarly, .projectLate: try await projections()
        case .parseAnswer: answers()
        case .encodeBatch: try await TurnLog.make().encoding()
        case .decodeBatch: try await TurnLog.make().decoding()
        case .sealBatch: try await TurnLog.make().sealing()
        case .openBatch: try await TurnLog.make().opening()
        case .memoryAppend: try await TurnLog.make().appending()
        case .memoryLoad: try await TurnLog.make().loading()
        case .mapGet, .mapReplace, .mapInsert: mapPath()
        case .cacheHit: try cachePath()
        case .redisCommand: try await TurnLog.make().commanding()
        case .redisReply: replies()
        case .metrics: try await metrics()
        case .plainAnswer1, .plainAnswer5, .plainAnswer10, .streamedAnswer1, .streamedAnswer5, .streamedAnswer10:
            longAnswers()
        }
    }

    /// Prepares turns on forks.
    ///
    /// Forks are made for each run, and their number is the same in all runs.
    private func turns() async throws -> HotPath {
        let workload = try await FlatWorkload(entries: entries ?? 10, isCached: self == .turnCached)
        var run = 0
        return { times in
            run += 1
            try await workload.run(
                turns: times,
                on: workload.forks((0..<FlatWorkload.forkCount).map { "\(run)-\($0)" })
            )
        }
    }

    private func projections() async throws -> HotPath {
        let workload = try await FlatWorkload(entries: entries ?? 10)
        return { keep(try await workload.project(times: $0)) }
    }

    private func answers() -> HotPath {
        let bytes = NullTransport(answer: String(repeating: "a", count: 1_024)).answer
        let dialect = ChatCompletions()
        return { times in
            for _ in 0..<times {
                var parser = dialect.makeParser(isStreamed: false)
                keep(try parser.append(bytes))
                keep(try parser.finish())
            }
        }
    }

    private func longAnswers() -> HotPath {
        guard let answer = longAnswer else { preconditionFailure("the operation has no long answer") }
        let bytes = answer.bytes
        return { times in
            for _ in 0..<times { keep(try answer.parse(bytes)) }
        }
    }

    private func metrics() async throws -> HotPath {
        let turn = try await ObservedTurn.make()
        let metrics = TurnMetrics(factory: PrometheusExporter(), backend: "memory")
        return { times in
            for _ in 0..<times { metrics.turnEnded(turn) }
        }
    }
}
