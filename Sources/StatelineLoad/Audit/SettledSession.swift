internal import Stateline

/// The record of a session that ended without doubt: the end of its log, and counts.
///
/// The digest at the end covers each earlier batch. So a log is what was acknowledged exactly if each batch follows the
/// previous one, the first one follows the session's origin, and the last one is that end.
struct SettledSession: Sendable {
    /// The end of the log; `nil` if nothing was acknowledged.
    let end: Position?
    /// The session's own acknowledged batches, without those of its ancestors.
    let acknowledged: UInt32
    /// Batches with an unknown outcome that later batches show.
    let unknown: UInt32
    /// The ancestors, each with the revision up to which their batches are shared.
    let base: Revision
    /// The reads that were watched.
    let reads: Int
}

extension AuditedSession {
    /// The record of the session if it ended without doubt, otherwise `nil`.
    ///
    /// A session is beyond doubt if three things hold. The acknowledged batches, its ancestors' included, lead from the
    /// origin to the newest one without a gap, each appended at the position of the previous one. Each other batch was
    /// refused, or cannot be in the log because another batch took its place, or must be in it because a batch behind
    /// it was acknowledged. Reads showed only these batches, and there is no finding.
    ///
    /// - Complexity: O(*n*) in the number of batches.
    var settled: SettledSession? {
        guard deletion == nil, parted.isEmpty, report.isClean else { return nil }
        let all = all.filter { $0.value.fate != .refused }
        var acknowledged = all.count { $0.value.fate == .acknowledged }
        let end = all.filter { $0.value.fate == .acknowledged }.map(\.key.position).max { $0.revision < $1.revision }
        let own = batches.count { $0.value.fate == .acknowledged }
        let open = batches.count { $0.value.fate == .open }
        guard let end, own > 0 else {
            // The session never had a batch, or no new one since it ended before. A fork that was not acknowledged is
            // in doubt.
            guard all.isEmpty, seen.isEmpty, base == 0 || before.acknowledged > 0 else { return nil }
            return SettledSession(self, end: prefix, own: 0, open: 0)
        }
        let names = Dictionary(all.keys.map { ($0.position, $0) }) { first, _ in first }
        var log: [BatchName] = []
        var place = end
        while place != prefix, place.revision > 0 {
            guard let name = names[place], let batch = all[name], batch.expected.revision.next == place.revision
            else { return nil }
            if batch.fate == .acknowledged { acknowledged -= 1 }
            log.append(name)
            place = batch.expected
        }
        guard acknowledged == 0, place == prefix ?? origin(of: place.incarnation),
            all.keys.allSatisfy({ $0.position.revision <= end.revision }),
            Set(seen.values).isSubset(of: log)
        else { return nil }
        var ordered = self
        ordered.checkOrder(log.reversed())
        return ordered.report.isClean ? SettledSession(self, end: end, own: own, open: open) : nil
    }

    /// Resumes a session that had ended.
    init(_ key: SessionKey, from settled: SettledSession) {
        self.init(key)
        prefix = settled.end
        acknowledged = settled.end
        base = settled.base
        before = (Int(settled.acknowledged), Int(settled.unknown))
        report.reads = settled.reads
    }

    /// Returns the origin of the session's family.
    func origin(of incarnation: Incarnation) -> Position {
        .origin(of: SessionKey(key.family, tenant: key.tenant), incarnation: incarnation)
    }

    /// Returns `true` if a batch belongs to the part of the log that is known by its digest only.
    func covers(_ name: BatchName) -> Bool {
        guard let prefix, name.position.revision <= prefix.revision else { return false }
        return name.position.revision <= base || name.position.incarnation == prefix.incarnation
    }

    /// Returns `true` if a batch that a read showed does not fit its digest, or is not the last one of the part known
    /// by its digest.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - previous: The batch shown before it. If batches between them were left out, its content cannot be judged.
    /// - Returns: `true` if it does not fit; `false` if the log is known batch by batch.
    func isBroken(_ batch: EncodedBatch, after previous: Position) -> Bool {
        guard covers(BatchName(batch)) else { return false }
        if batch.position.revision == prefix?.revision, batch.position != prefix { return true }
        return previous.revision.next == batch.position.revision && (try? batch.follows(previous)) != true
    }

    /// Compares the beginning of the log with its known digest.
    ///
    /// If it does not fit, each revision without a batch that follows the previous one counts as lost, and each batch
    /// that does not follow counts as foreign. So one wrong batch may count for the next one too, and of a log that
    /// diverged only the end counts.
    ///
    /// - Parameter log: Its batches, each once.
    mutating func verifyPrefix(_ log: [EncodedBatch]) {
        guard let prefix, prefix.revision > 0 else { return }
        let covered = Dictionary(grouping: log.filter { covers(BatchName($0)) }, by: \.position.revision)
        if let deletion, deletion.isCertain {
            let count = covered.values.reduce(0) { $0 + $1.count }
            report.foreign += count
            if count > 0 { report.note("\(key): \(count) batches were deleted") }
            return
        }
        for revision in 1...prefix.revision.rawValue {
            let revision = Revision(rawValue: revision)
            let batches = covered[revision] ?? []
            let before = covered[Revision(rawValue: revision.rawValue - 1)] ?? []
            let sound = batches.count { isSound($0, after: before) }
            let foreign = batches.count - min(sound, 1)
            if foreign > 0 {
                report.foreign += foreign
                report.note("\(key) at \(revision) has \(foreign) batches that do not follow what was acknowledged")
            }
            if sound == 0, deletion == nil {
                report.lost += 1
                report.note("\(key) at \(revision) lacks the batch that was acknowledged")
            }
        }
        for place in parted where deletion == nil && !log.contains(where: { $0.position == place }) {
            report.foreign += 1
            report.note("\(key) at \(place.revision) is not the batch that a fork continued from")
        }
    }

    private func isSound(_ batch: EncodedBatch, after before: [EncodedBatch]) -> Bool {
        if batch.position.revision == prefix?.revision, batch.position != prefix { return false }
        if batch.position.revision == 1 {
            return (try? batch.follows(origin(of: batch.position.incarnation))) == true
        }
        return before.isEmpty || before.contains { (try? batch.follows($0.position)) == true }
    }
}

extension SettledSession {
    fileprivate init(_ session: AuditedSession, end: Position?, own: Int, open: Int) {
        self.init(
            end: end,
            acknowledged: UInt32(session.before.acknowledged + own),
            unknown: UInt32(session.before.unknown + open),
            base: session.base,
            reads: session.report.reads
        )
    }
}
