import NIOCore
import Testing

@testable import Stateline
@testable import StatelineModels

/// The transcripts of the times by which the pieces of an answer have to come.
@Suite struct AnswerDeadlinesTests {
    private static let limits = TimeLimits(
        firstByte: .seconds(30),
        idle: .seconds(10),
        total: .seconds(100),
        afterEnd: .seconds(2)
    )

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(1000 + seconds) }

    private func deadlines() -> AnswerDeadlines { AnswerDeadlines(Self.limits, from: at(0)) }

    @Test func `the first byte has its own limit, however short the one between pieces is`() {
        var deadlines = deadlines()
        _ = deadlines.waitBegan(at: at(1))
        #expect(deadlines.nextAlarm(after: at(1)) == at(11))
        let after11 = deadlines.alarmRang(at: at(11))
        #expect(after11 == at(21))
        let after21 = deadlines.alarmRang(at: at(21))
        #expect(after21 == at(30))
        let after30 = deadlines.alarmRang(at: at(30))
        #expect(after30 == nil && deadlines.reached == .firstByte)
    }

    @Test func `a wait for the next piece is limited from its own beginning`() {
        var deadlines = deadlines()
        _ = deadlines.waitBegan(at: at(1))
        let needsAlarm = deadlines.waitEnded(hasPiece: true)
        #expect(!needsAlarm)
        // The reader is slow: no time passes for the server.
        let after11 = deadlines.alarmRang(at: at(11))
        #expect(after11 == at(21))
        _ = deadlines.waitBegan(at: at(15))
        let after21 = deadlines.alarmRang(at: at(21))
        #expect(after21 == at(25))
        let after25 = deadlines.alarmRang(at: at(25))
        #expect(after25 == nil && deadlines.reached == .idle)
    }

    @Test func `a piece that came as the alarm rang is given, and the alarm is set again`() {
        var deadlines = deadlines()
        _ = deadlines.waitBegan(at: at(1))
        _ = deadlines.waitEnded(hasPiece: true)
        _ = deadlines.waitBegan(at: at(2))
        let after12 = deadlines.alarmRang(at: at(12))
        #expect(after12 == nil)
        let needsAlarm = deadlines.waitEnded(hasPiece: true)
        #expect(needsAlarm && deadlines.reached == nil)
        _ = deadlines.waitBegan(at: at(13))
        #expect(deadlines.nextAlarm(after: at(13)) == at(23))
    }

    @Test func `the limit of the whole answer holds for a server that always sends`() {
        var deadlines = deadlines()
        for second in stride(from: Int64(1), to: 99, by: 2) {
            _ = deadlines.waitBegan(at: at(second))
            let needsAlarm = deadlines.waitEnded(hasPiece: true)
            #expect(!needsAlarm)
        }
        #expect(deadlines.nextAlarm(after: at(99)) == at(100))
        let after100 = deadlines.alarmRang(at: at(100))
        #expect(after100 == nil && deadlines.reached == .total)
        _ = deadlines.waitBegan(at: at(100))
        let needsAlarm = deadlines.waitEnded(hasPiece: true)
        #expect(!needsAlarm && deadlines.reached == .total)
    }

    @Test func `content behind the end takes the limit of the rest back`() {
        var deadlines = deadlines()
        _ = deadlines.waitBegan(at: at(1))
        _ = deadlines.waitEnded(hasPiece: true)
        deadlines.answerEnded(restBy: at(3))
        deadlines.answerResumed()
        _ = deadlines.waitBegan(at: at(2))
        let after3 = deadlines.alarmRang(at: at(3))
        #expect(after3 == at(12) && deadlines.reached == nil)
    }

    @Test func `after the content the rest has one limit, which heartbeats do not lengthen`() {
        var deadlines = deadlines()
        _ = deadlines.waitBegan(at: at(1))
        _ = deadlines.waitEnded(hasPiece: true)
        deadlines.answerEnded(restBy: at(4))
        deadlines.answerEnded(restBy: at(9))
        _ = deadlines.waitBegan(at: at(2))
        _ = deadlines.waitEnded(hasPiece: true)
        _ = deadlines.waitBegan(at: at(3))
        #expect(deadlines.nextAlarm(after: at(3)) == at(4))
        let after4 = deadlines.alarmRang(at: at(4))
        #expect(after4 == nil && deadlines.reached == .idle)
    }

    @Test func `the first alarm, before the first wait, is that of the first byte if that is the earlier one`() {
        var deadlines = AnswerDeadlines(TimeLimits(firstByte: .seconds(3)), from: at(0))
        #expect(deadlines.nextAlarm(after: at(1)) == at(3))
        // A reader that has not asked yet is not late, and the alarm does not ring without a pause.
        let after3 = deadlines.alarmRang(at: at(3))
        #expect(after3 == at(63))
        // The head may come just before the limit, and the first wait begin after it.
        let isLate = deadlines.waitBegan(at: at(4))
        #expect(isLate && deadlines.nextAlarm(after: at(4)) == at(3))
        let after4 = deadlines.alarmRang(at: at(4))
        #expect(after4 == nil && deadlines.reached == .firstByte)
    }

    @Test func `a limit of nothing does not make the alarm ring without a pause`() {
        let limits = TimeLimits(idle: .zero)
        let deadlines = AnswerDeadlines(limits, from: at(0))
        #expect(deadlines.nextAlarm(after: at(1)) == at(1) + .milliseconds(1))
    }
}
