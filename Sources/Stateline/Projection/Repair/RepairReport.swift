/// The number of repairs of a history, by rule.
public struct RepairReport: Hashable, Sendable {
    private var counts: [RepairRule: Int] = [:]

    /// Makes a report without repairs.
    public init() {}

    /// `true` if nothing was repaired.
    public var isEmpty: Bool { counts.isEmpty }

    /// The number of all repairs.
    public var total: Int { counts.values.reduce(0, +) }

    /// The rules by which something was repaired, in the order of their declaration.
    public var rules: [RepairRule] { RepairRule.allCases.filter { counts[$0] != nil } }

    /// The number of repairs by a rule.
    public subscript(rule: RepairRule) -> Int { counts[rule] ?? 0 }

    /// Counts repairs by a rule.
    mutating func add(_ rule: RepairRule, _ count: Int = 1) {
        if count > 0 { counts[rule, default: 0] += count }
    }

    /// Adds the repairs of another report.
    mutating func add(_ other: RepairReport) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }
}

extension RepairReport: CustomStringConvertible {
    /// The rules and their counts, in one line.
    public var description: String {
        rules.map { "\($0.rawValue): \(self[$0])" }.joined(separator: ", ")
    }
}

extension RepairReport: Codable {
    /// Decodes an object of counts by the names of rules.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: RuleKey.self)
        for key in container.allKeys {
            guard let rule = RepairRule(rawValue: key.stringValue) else { continue }
            add(rule, try container.decodeCount(forKey: key))
        }
    }

    /// Encodes an object of counts by the names of rules.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: RuleKey.self)
        for rule in rules { try container.encode(self[rule], forKey: RuleKey(stringValue: rule.rawValue)) }
    }

    private struct RuleKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }
}
