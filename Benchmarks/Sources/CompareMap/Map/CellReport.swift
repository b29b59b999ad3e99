internal import Measurement

/// The lines of a report for one cell: ours beside each peer.
struct CellReport {
    let cell: Cell
    let contenders: [Contender]
    let limits: Limits
    let printsWall: Bool

    /// A fixed bound that the cell's figure is compared with; `nil` if there is none.
    private var bound: (label: String, value: Double)? {
        switch cell.work {
        case .growth: ("10 us", 10)
        case .memory: ("64 B", 64)
        default: nil
        }
    }

    private var unit: String {
        switch cell.work {
        case .growth, .growthWrites, .stalled: "us"
        case .memory: "B"
        default: "ns CPU"
        }
    }

    /// Measures the cell.
    func cases(_ group: PeerGroup, isQuick: Bool, seed: UInt64, streamLength: Int) async throws -> [Report.Case] {
        guard let ours = contenders.first, ours == cell.contenders.first else { return [] }
        if cell.work == .memory { return memory(group, ours) }
        let length = cell.distribution == .once ? cell.dataset.count : streamLength
        let measurement = CellMeasurement(
            cell: cell,
            contenders: contenders,
            group: group,
            isQuick: isQuick,
            seed: seed,
            streamLength: length
        )
        let figures = try await measurement.run()
        let samples = figures.samples
        if printsWall, !figures.wall.isEmpty { printWall(figures) }
        var cases = contenders.dropFirst()
            .map { peer in
                make(
                    peer.peer == ours.peer ? "single reads" : peer.peer.label,
                    ours: samples.mean(of: ours),
                    theirs: samples.mean(of: peer),
                    ratio: samples.ratio(of: peer, to: ours)
                )
            }
        if let bound {
            let inverse = samples.interval(of: ours)
            let ratio = Ratio(
                value: bound.value / inverse.value,
                low: bound.value / inverse.high,
                high: bound.value / inverse.low
            )
            cases.append(make(bound.label, ours: inverse.value, theirs: bound.value, ratio: ratio))
        }
        return cases
    }

    private func memory(_ group: PeerGroup, _ ours: Contender) -> [Report.Case] {
        let own = group.overhead(ours.peer)
        var cases = contenders.dropFirst()
            .map { peer in
                let theirs = group.overhead(peer.peer)
                return make(peer.peer.label, ours: own, theirs: theirs, ratio: Ratio(exactly: theirs / own))
            }
        if let bound {
            cases.append(
                make(bound.label, ours: own, theirs: bound.value, ratio: Ratio(exactly: bound.value / own))
            )
        }
        return cases
    }

    private func make(_ peer: String, ours: Double, theirs: Double, ratio: Ratio) -> Report.Case {
        let limit = limits[cell.name, peer]
        return Report.Case(
            name: cell.name,
            peer: peer,
            ours: ours,
            theirs: theirs,
            unit: unit,
            ratio: ratio,
            target: limit?.required.map { .atLeast($0) },
            aim: limit?.aim.map { .atLeast($0) }
        )
    }

    private func printWall(_ figures: CellMeasurement.Figures) {
        let runs = Double(2 * figures.samples.blocks.count)
        let text = { (value: Double) in "\((value * 10).rounded() / 10) ns" }
        for contender in contenders {
            let wall = text((figures.wall[contender] ?? 0) / runs)
            let threads = text((figures.threads[contender] ?? 0) / runs)
            let all = text(figures.samples.mean(of: contender))
            let name = "\(contender.peer.label), \(contender.mode)"
            Progress.print("  \(name): wall \(wall), CPU \(threads), with helpers \(all)")
        }
    }
}
