internal import NIOCore
internal import Stateline

/// The times by which the pieces of one answer have to come.
///
/// One alarm is enough for all of them. It rings at the earliest time that can be due, and is set again if nothing was.
/// A piece that comes costs a reading of the clock.
struct AnswerDeadlines: Sendable {
    /// The time by which the first byte has to come.
    private let firstByte: NIODeadline
    /// The time by which the answer has to have ended.
    private let total: NIODeadline
    private let idle: TimeAmount
    /// The time by which what follows the answer has to have come; `nil` before the answer's end.
    private var rest: NIODeadline?
    /// The time since which the next piece is waited for; `nil` while none is.
    private var waitingSince: NIODeadline?
    private var hasBegun = false
    /// The limit that was reached; `nil` if none was.
    private(set) var reached: ModelError.Phase?

    /// Makes the deadlines of a call.
    ///
    /// - Parameters:
    ///   - limits: The limits of the call.
    ///   - start: The start of the call.
    init(_ limits: TimeLimits, from start: NIODeadline) {
        self.firstByte = start + TimeAmount(limits.firstByte)
        self.total = start + TimeAmount(limits.total)
        // An alarm that rings without a pause would hold a core.
        self.idle = max(TimeAmount(limits.idle), .milliseconds(1))
    }

    /// Records that the next piece is waited for.
    ///
    /// - Returns: `true` if the alarm has to be set again, because the first byte is late already. A piece that is there
    ///   is still taken.
    mutating func waitBegan(at now: NIODeadline) -> Bool {
        waitingSince = now
        return !hasBegun && now >= firstByte
    }

    /// Records the end of a wait.
    ///
    /// - Parameter hasPiece: `true` if a piece came. It may have come just before the alarm rang for it.
    /// - Returns: `true` if the alarm has to be set again: it rang in vain.
    mutating func waitEnded(hasPiece: Bool) -> Bool {
        waitingSince = nil
        guard hasPiece else { return false }
        hasBegun = true
        guard reached == .idle || reached == .firstByte else { return false }
        reached = nil
        return true
    }

    /// Sets the time by which what follows the answer has to have come; an earlier one stays.
    mutating func answerEnded(restBy time: NIODeadline) {
        rest = min(rest ?? time, time)
    }

    /// Takes back the time by which the rest has to have come: the answer goes on.
    mutating func answerResumed() {
        rest = nil
    }

    /// Returns the time at which the alarm has to ring next.
    func nextAlarm(after now: NIODeadline) -> NIODeadline {
        var next = min(total, now + idle)
        if hasBegun {
            if let waitingSince { next = min(next, waitingSince + idle) }
        } else if waitingSince != nil || now < firstByte {
            // The first wait begins after the alarm is set.
            next = min(next, firstByte)
        }
        if let rest { next = min(next, rest) }
        return next
    }

    /// Records that the alarm rang.
    ///
    /// - Returns: The time of the next alarm; `nil` if a limit was reached.
    mutating func alarmRang(at now: NIODeadline) -> NIODeadline? {
        if now >= total {
            reached = .total
        } else if let rest, now >= rest {
            reached = .idle
        } else if let waitingSince {
            if hasBegun, now >= waitingSince + idle { reached = .idle }
            if !hasBegun, now >= firstByte { reached = .firstByte }
        }
        return reached == nil ? nextAlarm(after: now) : nil
    }
}
