internal import Foundation
internal import Measurement

/// The bounds that the cells have to keep, read from a file of the repository.
///
/// Each line has a case, a peer, the least ratio that is required and the least that is wished for; the last two may
/// be empty. Lines that begin with `#` are comments.
struct Targets {
    /// What is asked of one case beside one peer.
    struct Target {
        let name: String
        let peer: String
        let required: Double?
        let aim: Double?
    }

    private let targets: [Target]

    /// Reads a file.
    init(file: String) throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        targets = try lines.filter { !$0.hasPrefix("#") }
            .map { line in
                let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
                guard fields.count == 4 else { throw PeerFailure(description: "no target: \(line)") }
                return Target(name: fields[0], peer: fields[1], required: Double(fields[2]), aim: Double(fields[3]))
            }
    }

    /// What is asked of a case beside a peer.
    subscript(name: String, peer: String) -> Target? {
        targets.first { $0.name == name && $0.peer == peer }
    }

    /// The targets that no case of a report answers.
    ///
    /// - Parameters:
    ///   - report: What was measured.
    ///   - names: The cells that were to be measured.
    ///   - skipped: The peers that are not installed.
    /// - Returns: The case and the peer of each.
    func unanswered(by report: Report, of names: [String], skipped: Set<String>) -> [String] {
        targets.filter { target in
            names.contains(target.name) && !skipped.contains(target.peer)
                && !report.cases.contains { $0.name == target.name && $0.peer == target.peer }
        }
        .map { "\($0.name) beside \($0.peer)" }
    }

    /// The cells that targets are for and that there are not.
    func unknown(among names: [String]) -> [String] {
        targets.map(\.name).filter { !names.contains($0) }
    }
}
