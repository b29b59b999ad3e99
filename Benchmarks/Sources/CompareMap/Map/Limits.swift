internal import Foundation
internal import Measurement

/// The ratios that cells have to reach, read from a file of the repository.
///
/// Each line has a case, a peer, the required minimum and the aimed minimum of the ratio. Either minimum may be empty.
/// Lines that begin with `#` are comments.
struct Limits {
    /// The limit of one case beside one peer.
    struct Limit {
        let name: String
        let peer: String
        let required: Double?
        let aim: Double?
    }

    private let limits: [Limit]

    /// Reads a file.
    init(file: String) throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        limits = try lines.filter { !$0.hasPrefix("#") }
            .map { line in
                let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
                guard fields.count == 4 else { throw PeerFailure(description: "not a limit: \(line)") }
                return Limit(name: fields[0], peer: fields[1], required: Double(fields[2]), aim: Double(fields[3]))
            }
    }

    /// The limit of a case beside a peer; `nil` if there is none.
    subscript(name: String, peer: String) -> Limit? {
        limits.first { $0.name == name && $0.peer == peer }
    }

    /// Lists the limits that no case of a report was compared with.
    ///
    /// - Parameters:
    ///   - report: The measured cases.
    ///   - names: The names of the chosen cells.
    ///   - skipped: The peers that are not installed.
    /// - Returns: The case and the peer of each limit.
    func unanswered(by report: Report, of names: [String], skipped: Set<String>) -> [String] {
        limits.filter { limit in
            names.contains(limit.name) && !skipped.contains(limit.peer)
                && !report.cases.contains { $0.name == limit.name && $0.peer == limit.peer }
        }
        .map { "\($0.name) beside \($0.peer)" }
    }

    /// Lists the names of cells that have limits and do not exist.
    func unknown(among names: [String]) -> [String] {
        limits.map(\.name).filter { !names.contains($0) }
    }
}
