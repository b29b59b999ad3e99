package import Stateline

extension StorePair {
    /// The sessions that steps use: three roots, and three possible forks of each.
    package static var keys: [SessionKey] { roots + roots.flatMap { root in forks.map { root.fork($0) } } }

    private static var roots: [SessionKey] { ["a", "b", "c"].map { SessionKey($0) } }
    private static var forks: [String] { ["x", "y", "z"] }

    /// Makes a random call on a random session: usually from one of the newest positions, often from an older position
    /// or one of another session.
    ///
    /// - Parameter random: The random generator.
    /// - Throws: ``StoreDifference``, or the error of a store.
    package mutating func step(using random: inout some RandomNumberGenerator) async throws {
        let key = Self.keys.randomElement(using: &random)!
        let known = writers[key] ?? []
        switch Int.random(in: 0..<25, using: &random) {
        case 0..<3: try await load(key, after: known.randomElement(using: &random)?.position)
        case 3:
            let other = Self.keys.randomElement(using: &random)!
            try await load(key, after: writers[other]?.last?.position)
        case 4: try await delete(key, at: Bool.random(using: &random) ? nil : known.last?.position)
        case 5: try await list(key.tenant, limit: Int.random(in: 1...5, using: &random))
        case 6: try advance(by: .milliseconds(Int.random(in: 1...9000, using: &random)))
        case 7..<12: try await fork(key, known, using: &random)
        case 12 where Self.roots.contains(key):
            var writer = LogWriter(key)
            let origin = writer.position
            let batch = writer.append(.prompt("creation"))
            if case .committed = try await append(batch, to: key, at: origin) { writers[key] = [writer] }
        case 13, 14:
            let turn = TurnID(rawValue: .random(in: 1...3, using: &random))
            try await lease(of: key, renewing: Int.random(in: 0..<4, using: &random) == 0 ? nil : turn)
        case 15: try await newest(of: Self.keys)
        default:
            guard var writer = known.suffix(3).randomElement(using: &random) else { return }
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            guard case .committed = try await append(batch, to: key, at: position) else { return }
            writers[key, default: []].append(writer)
            if Bool.random(using: &random) { try await append(batch, to: key, at: position) }
        }
    }

    private mutating func fork(
        _ key: SessionKey,
        _ known: [LogWriter],
        using random: inout some RandomNumberGenerator
    ) async throws {
        guard let base = known.suffix(4).randomElement(using: &random), base.position.revision > 0 else { return }
        let (log, first) = base.fork(as: Self.forks.randomElement(using: &random)!)
        guard log.key != key else { return }
        guard case .forked = try await fork(key, at: base.position, to: log.key, first: first) else { return }
        writers[log.key] = [base, log]
        if Bool.random(using: &random) { try await fork(key, at: base.position, to: log.key, first: first) }
    }
}
