/// What an ``AppendAuditor`` found: how much of what was appended is not where it should be.
///
/// All zero means that each batch that was acknowledged is in its log exactly once, in order, that nothing else is there
/// but what had an unknown outcome, and that each read showed the beginning of the log as it is at the end, nothing older
/// than what had been acknowledged before the read.
public struct AuditReport: Codable, Hashable, Sendable {
    /// The sessions that were looked at.
    public internal(set) var sessions = 0
    /// The batches that were acknowledged.
    public internal(set) var acknowledged = 0
    /// The batches of which nobody was told what became.
    public internal(set) var unknown = 0
    /// The reads that were watched, those of commits that were stale included.
    public internal(set) var reads = 0

    /// Acknowledged batches that are not in the log, or that a later read did not show.
    public internal(set) var lost = 0
    /// Batches that are in a log or in a read twice, or were acknowledged as new twice.
    public internal(set) var duplicated = 0
    /// Batches that stand before one that was acknowledged before they were begun, or out of order in a read.
    public internal(set) var reordered = 0
    /// Batches that nobody appended to that session, that were refused, that are not what was appended, or that a read
    /// showed and the log has not.
    public internal(set) var foreign = 0
    /// Those of the lost ones of which the store says itself that they are gone, regressed or corrupt: no reader took
    /// what is left for all there was.
    public internal(set) var admitted = 0
    /// The first findings in words: sessions, revisions and what is wrong, no content.
    public internal(set) var findings: [String] = []

    /// A report of nothing.
    package init() {}

    /// Whether nothing was found.
    public var isClean: Bool { lost == 0 && duplicated == 0 && reordered == 0 && foreign == 0 }

    /// Whether nothing is wrong but what the store says itself.
    public var isHonest: Bool { lost == admitted && duplicated == 0 && reordered == 0 && foreign == 0 }

    /// Writes something down, for as long as anybody would read on.
    mutating func note(_ finding: String) {
        if findings.count < 20 { findings.append(finding) }
    }

    /// Adds what another report counted.
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
