internal import Stateline

/// What stays of a session of which nothing was in doubt when it ended: where its log ends, and counts.
///
/// The digest at the end covers each batch before it, so that a log is what was acknowledged exactly where each batch
/// follows the one before, the first one the session's origin, and the last one is that end.
struct SettledSession: Sendable {
    /// Where the log ends; `nil` where nothing was acknowledged.
    let end: Position?
    /// Its own batches that were acknowledged, without those of its ancestors.
    let acknowledged: UInt32
    /// Batches of which nobody was told what became, and whose outcome later ones show.
    let unknown: UInt32
    /// What it has of its ancestors: theirs up to a revision.
    let base: Revision
    /// The reads that were watched.
    let reads: Int
}

extension AuditedSession {
    /// What has to stay of the session where nobody goes on with it; `nil` where it is in doubt.
    ///
    /// It is beyond doubt where the batches that were acknowledged, its ancestors' included, lead from the origin to the
    /// newest one without a gap, each appended at the place of the one before, where what else was appended was refused, or
    /// cannot be in the log because another batch took its place, or has to be because one was acknowledged behind it, and
    /// where reads showed nothing but these and nothing was found.
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
            // Nothing was ever there, or nothing new since it ended before. A fork that was not acknowledged is in doubt.
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

    /// Goes on with a session that had ended.
    init(_ key: SessionKey, from settled: SettledSession) {
        self.init(key)
        prefix = settled.end
        acknowledged = settled.end
        base = settled.base
        before = (Int(settled.acknowledged), Int(settled.unknown))
        report.reads = settled.reads
    }

    /// Where the log of the session's family begins.
    func origin(of incarnation: Incarnation) -> Position {
        .origin(of: SessionKey(key.family, tenant: key.tenant), incarnation: incarnation)
    }

    /// Whether a batch would stand where the log is known by its digest alone.
    func covers(_ name: BatchName) -> Bool {
        guard let prefix, name.position.revision <= prefix.revision else { return false }
        return name.position.revision <= base || name.position.incarnation == prefix.incarnation
    }

    /// Whether a batch that a read showed is not what its digest says, or not the last one of what is known by its digest.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - previous: What it was shown behind; where batches between were left out, nothing can be said of its content.
    /// - Returns: Whether it is; no where the log is known batch by batch.
    func isBroken(_ batch: EncodedBatch, after previous: Position) -> Bool {
        guard covers(BatchName(batch)) else { return false }
        if batch.position.revision == prefix?.revision, batch.position != prefix { return true }
        return previous.revision.next == batch.position.revision && (try? batch.follows(previous)) != true
    }

    /// Compares the log's beginning with what is known of it by its digest alone.
    ///
    /// Where it does not fit, each revision that has no batch which follows the one before counts as lost, and each batch
    /// that does not follow as foreign: one wrong batch may count for the next one too, and of a log that parted from what
    /// was acknowledged only its end.
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
            report.note("\(key) at \(place.revision) is not what a fork went on from")
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
