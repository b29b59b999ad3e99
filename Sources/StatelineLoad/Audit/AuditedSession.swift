internal import Stateline

/// The record of one session: its appends, their outcomes, and what reads showed.
///
/// Reads are judged as they come, so none is kept: each must fit all other reads and, at the end, the log.
struct AuditedSession: Sendable {
    struct Place: Hashable {
        let incarnation: Incarnation
        let revision: Revision

        init(_ position: Position) {
            incarnation = position.incarnation
            revision = position.revision
        }
    }

    /// `true` if it was deleted, or may have been.
    struct Deletion {
        let began: UInt64
        let ended: UInt64
        let isCertain: Bool
    }

    /// The session's key.
    let key: SessionKey
    private(set) var batches: [BatchName: AuditedBatch] = [:]
    /// The ancestors, each with the revision up to which their batches are shared.
    private var inherited: [BatchName: AuditedBatch] = [:]
    var base: Revision = 0
    /// The end of the part of the log that is known by its digest only: the session or an ancestor once ended there.
    var prefix: Position?
    /// The counts of an earlier end.
    var before = (acknowledged: 0, unknown: 0)
    /// The positions from which forks continued, within the part known by its digest only.
    private(set) var parted: Set<Position> = []
    private(set) var seen: [Place: BatchName] = [:]
    /// The newest acknowledged position.
    var acknowledged: Position?
    private(set) var deletion: Deletion?
    /// The findings of reads.
    var report = AuditReport()

    /// Makes the record of an unknown session.
    init(_ key: SessionKey) {
        self.key = key
    }

    /// Makes the session a fork of another one.
    ///
    /// If that session has ended, its batches up to the position must lead there by their digests.
    mutating func inherit(from parent: AuditedSession, at position: Position) {
        // A session that ended undeleted gets no new forks.
        guard before.acknowledged == 0 || deletion != nil else { return }
        inherited = parent.inherited.filter { $0.key.position.revision <= parent.base }
        inherited.merge(parent.batches) { own, _ in own }
        base = position.revision
        prefix = parent.prefix.map { $0.revision <= base ? $0 : position }
    }

    /// Notes that a fork continued from a position.
    mutating func parted(at position: Position) {
        guard let prefix, position != prefix, position.revision <= prefix.revision else { return }
        parted.insert(position)
    }

    /// The number of batches kept one by one.
    var held: Int { batches.count + inherited.count + seen.count + parted.count }

    // MARK: Appends

    /// Notes the attempt to append a batch.
    mutating func began(_ name: BatchName, expecting position: Position, source: Int, now: UInt64) {
        guard var batch = batches[name] else {
            batches[name] = AuditedBatch(expected: position, source: source, began: now)
            return
        }
        batch.attempts += 1
        if batch.fate == .refused { batch.fate = .open }
        batches[name] = batch
    }

    /// Notes an acknowledged batch; `isNew` if the store reports that it was not there before.
    mutating func acknowledged(_ name: BatchName, isNew: Bool, now: UInt64) {
        guard var batch = batches[name] else { return }
        if isNew, batch.fate == .acknowledged || covers(name) {
            report.duplicated += 1
            report.note("\(place(name)) was acknowledged as new twice")
        }
        batch.ended = min(batch.ended, now)
        batch.fate = .acknowledged
        batches[name] = batch
        if let newest = acknowledged, newest.incarnation == name.position.incarnation,
            newest.revision >= name.position.revision
        {
            return
        }
        acknowledged = name.position
    }

    /// Notes a refused batch.
    ///
    /// - Parameters:
    ///   - name: The batch.
    ///   - isFinal: `true` if the refusal holds for all attempts, and not only for this one.
    mutating func refused(_ name: BatchName, isFinal: Bool) {
        guard var batch = batches[name], batch.fate == .open else { return }
        batch.failures += 1
        if isFinal || batch.failures == batch.attempts { batch.fate = .refused }
        batches[name] = batch
    }

    /// Notes that the session was deleted, or may have been.
    mutating func deleted(began: UInt64, ended: UInt64, isCertain: Bool) {
        deletion = Deletion(began: began, ended: ended, isCertain: isCertain)
    }

    // MARK: Reads

    /// Judges a read of the batches after a position.
    ///
    /// - Parameters:
    ///   - shown: The batches that were read.
    ///   - position: The position; `nil` for the whole log.
    ///   - before: The position that was acknowledged when the read began.
    mutating func read(_ shown: [EncodedBatch], after position: Position?, before: Position?) {
        report.reads += 1
        var tally = Tally()
        for batch in shown { tally.add(BatchName(batch)) }
        note(tally, in: "a read")
        let start = position?.revision.rawValue ?? 0
        var end = tally.names.map(\.position.revision.rawValue).max() ?? start
        let incarnation = position?.incarnation ?? shown.first?.position.incarnation
        if let before, before.incarnation == incarnation { end = max(end, before.revision.rawValue) }
        let revisions = Set(tally.names.map(\.position.revision.rawValue))
        let missing = end > start ? (start + 1...end).filter { !revisions.contains($0) } : []
        if let first = missing.first {
            report.lost += missing.count
            report.note("\(key): a read after \(start) did not show \(missing.count) batches, the first at \(first)")
        }
        var previous = position ?? origin(of: incarnation ?? Incarnation(rawValue: 0))
        for batch in shown {
            saw(batch, after: previous)
            previous = batch.position
        }
    }

    private mutating func saw(_ batch: EncodedBatch, after previous: Position) {
        let name = BatchName(batch)
        if isAltered(batch) || isBroken(batch, after: previous) {
            report.foreign += 1
            report.note("\(place(name)) was read with content that differs from the appended content")
        }
        let known = seen.updateValue(name, forKey: Place(name.position))
        guard let known, known != name else { return }
        report.foreign += 1
        report.note("\(place(name)) was read as two different batches")
    }

    /// Returns `true` if a batch differs from the one that was appended under its name.
    private func isAltered(_ batch: EncodedBatch) -> Bool {
        guard let appended = known(BatchName(batch)) else { return false }
        return (try? batch.follows(appended.expected)) != true
    }

    private func known(_ name: BatchName) -> AuditedBatch? {
        batches[name] ?? (name.position.revision <= base ? inherited[name] : nil)
    }

    // MARK: The end

    /// Compares the log at the end with all records.
    func verified(_ log: [EncodedBatch]) -> AuditReport {
        var end = self
        end.verify(log)
        return end.report
    }

    /// Counts all acknowledged batches as lost, for a reason that the store reports.
    func verified(gone reason: String) -> AuditReport {
        var end = self
        end.count()
        let prefix = deletion == nil ? Int(prefix?.revision.rawValue ?? 0) : 0
        let lost = prefix + all.count { isDue($0.value) && !covers($0.key) }
        end.report.lost += lost
        end.report.admitted += lost
        if lost > 0 { end.report.note("\(key): \(lost) acknowledged batches are \(reason)") }
        return end.report
    }

    /// The session's own batches and those of its ancestors.
    var all: [BatchName: AuditedBatch] {
        guard !inherited.isEmpty else { return batches }
        return batches.merging(inherited.filter { $0.key.position.revision <= base }) { own, _ in own }
    }

    /// Returns `true` if a batch must be in the log.
    private func isDue(_ batch: AuditedBatch) -> Bool {
        batch.fate == .acknowledged && !(deletion.map { batch.began < $0.ended } ?? false)
    }

    private mutating func count() {
        report.sessions = 1
        report.acknowledged = before.acknowledged + batches.count { $0.value.fate == .acknowledged && !covers($0.key) }
        report.unknown = before.unknown + batches.count { $0.value.fate == .open }
    }

    private mutating func verify(_ log: [EncodedBatch]) {
        count()
        var tally = Tally()
        var contents: [TurnID: [Int: BatchName]] = [:]
        var distinct: [EncodedBatch] = []
        for batch in log {
            let name = BatchName(batch)
            guard tally.add(name) else { continue }
            distinct.append(batch)
            if isAltered(batch) {
                report.foreign += 1
                report.note("\(place(name)) has content that differs from the appended content")
                tally.names.remove(name)
            } else if let reason = foreignness(of: name) {
                report.foreign += 1
                report.note("\(place(name)) \(reason)")
            }
            // The same work with the same content at another position: the writer gave up and began anew.
            if let entries = try? batch.decoded().batch.entries, !entries.isEmpty,
                contents[name.turn, default: [:]].updateValue(name, forKey: entries.hashValue) != nil
            {
                report.duplicated += 1
                report.note("\(place(name)) repeats entries that its turn appended at another position")
            }
        }
        note(tally, in: "the log")
        verifyPrefix(distinct)
        let all = all
        for (name, batch) in all where isDue(batch) && !tally.names.contains(name) {
            report.lost += 1
            report.note("\(place(name)) was acknowledged and is not in the log")
        }
        for (_, name) in seen
        where deletion == nil && !tally.names.contains(name) && all[name]?.fate != .acknowledged {
            report.foreign += 1
            report.note("\(place(name)) was shown by a read and is not in the log")
        }
        checkOrder(log.map { BatchName($0) })
    }

    private func foreignness(of name: BatchName) -> String? {
        guard let batch = known(name) else { return covers(name) ? nil : "was not appended by any known writer" }
        if batch.fate == .refused { return "was refused" }
        guard let deletion, deletion.isCertain, batch.ended < deletion.began else { return nil }
        return "was deleted"
    }

    private mutating func note(_ tally: Tally, in what: String) {
        report.duplicated += tally.duplicated
        report.reordered += tally.reordered
        if tally.duplicated > 0 { report.note("\(key): \(what) repeats \(tally.duplicated) batches") }
        if tally.reordered > 0 { report.note("\(key): \(what) has \(tally.reordered) batches out of order") }
    }

    /// Checks that a batch stands before all batches that were begun after it was acknowledged.
    mutating func checkOrder(_ log: [BatchName]) {
        var latest: [Int: UInt64] = [:]
        for name in log {
            guard let batch = batches[name] else { continue }
            if let latest = latest[batch.source], batch.ended < latest {
                report.reordered += 1
                report.note("\(place(name)) comes after batches whose appends began after its acknowledgement")
            }
            latest[batch.source] = max(latest[batch.source] ?? 0, batch.began)
        }
    }

    private func place(_ name: BatchName) -> String {
        "\(key) at \(name.position.revision)"
    }
}

/// Batches in the order in which they were shown.
private struct Tally {
    var names: Set<BatchName> = []
    private(set) var duplicated = 0
    private(set) var reordered = 0
    private var newest: Revision = 0

    /// Adds a batch.
    ///
    /// - Returns: `true` if it was not there before.
    @discardableResult
    mutating func add(_ name: BatchName) -> Bool {
        guard names.insert(name).inserted else {
            duplicated += 1
            return false
        }
        if name.position.revision < newest { reordered += 1 }
        newest = max(newest, name.position.revision)
        return true
    }
}
