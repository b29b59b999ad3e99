/// The findings of an ``AppendAuditor``.
///
/// If all counts are zero, each acknowledged batch is in its log exactly once and in order, the log has nothing else
/// but batches with an unknown outcome, and each read showed the beginning of the final log, at least up to what had
/// been acknowledged before the read.
public struct AuditReport: Codable, Hashable, Sendable {
    /// The sessions that were compared.
    public internal(set) var sessions = 0
    /// The batches that were acknowledged.
    public internal(set) var acknowledged = 0
    /// The batches with an unknown outcome.
    public internal(set) var unknown = 0
    /// The watched reads, those of stale commits included.
    public internal(set) var reads = 0

    /// Acknowledged batches that are not in the log, or that a later read did not show.
    public internal(set) var lost = 0
    /// Batches that are in a log or in a read twice, or were acknowledged as new twice.
    public internal(set) var duplicated = 0
    /// Batches that stand before one that was acknowledged before they were begun, or out of order in a read.
    public internal(set) var reordered = 0
    /// Batches that were not appended to that session, that were refused, that differ from what was appended, or that a
    /// read showed and the log does not have.
    public internal(set) var foreign = 0
    /// Lost batches that the store itself reports as gone, regressed or corrupt, so that no reader takes the rest for
    /// the whole log.
    public internal(set) var admitted = 0
    /// The first findings: sessions, revisions and what is wrong, without content.
    public internal(set) var findings: [String] = []

    /// Makes a report without findings.
    package init() {}

    /// `true` if there is no finding.
    public var isClean: Bool { lost == 0 && duplicated == 0 && reordered == 0 && foreign == 0 }

    /// `true` if each finding is a loss that the store itself reports.
    public var isHonest: Bool { lost == admitted && duplicated == 0 && reordered == 0 && foreign == 0 }

    /// Adds a finding, up to a limit.
    mutating func note(_ finding: String) {
        if findings.count < 20 { findings.append(finding) }
    }

    /// Adds the counts of another report.
    mutating func add(_ other: AuditReport) {
        sessions += other.sessions
        acknowledged += other.acknowledged
        unknown += other.unknown
        reads += other.reads
        lost += other.lost
        duplicated += other.duplicated
        reordered += other.reordered
        foreign += other.foreign
        admitted += other.admitted
        for finding in other.findings { note(finding) }
    }
}

extension AuditReport: CustomStringConvertible {
    /// The counts in a line, and a line for each finding.
    public var description: String {
        let admission = admitted > 0 ? " (\(admitted) admitted)" : ""
        let counts =
            "lost \(lost)\(admission), duplicated \(duplicated), reordered \(reordered), foreign \(foreign); "
            + "\(acknowledged) acknowledged, \(unknown) unknown, \(reads) reads, \(sessions) sessions"
        return ([counts] + findings.map { "- " + $0 }).joined(separator: "\n")
    }
}
