/// A comparison of two loads.
struct PairSection {
    let first: (name: String, load: LoadReport)
    let second: (name: String, load: LoadReport)

    var section: Section {
        var blocks: [Section.Block] = []
        if isVoid { blocks.append(.warning("No verdict on times: the latencies of a run are void.")) }
        if !differences.isEmpty {
            blocks.append(
                .warning("The runs differ in more than time: \(differences.joined(separator: "; ")).")
            )
        }
        let chart = Chart.latency(name: "latency-pair", curves, table: nil)
        let words: [Section.Block] = [
            .heading("Times"), .table(times),
            .paragraph(
                "Each percentile lies between two of its run's own times, by the binomial distribution of their ranks; the "
                    + "only assumption is that turns are independent. Both intervals hold together with 95 %, and so does "
                    + "that of the change. If the runs' intervals overlap there is no verdict. The intervals do not cover "
                    + "differences from run to run, such as other work of the machine: repeat the runs to see those."
            ),
        ]
        blocks.append(.columns([chart.map { [.charts([$0])] } ?? [], words].filter { !$0.isEmpty }))
        blocks.append(.heading("Traffic"))
        blocks.append(.table(counts))
        blocks.append(
            .paragraph(
                "Tokens, bytes and round trips are counts that depend on the seed only. The rate and the overhead are "
                    + "times, and a single run gives no interval for them."
            )
        )
        return Section(title: "\(first.name) beside \(second.name)", kicker: "Change", blocks: blocks)
    }

    private var isVoid: Bool { first.load.isVoid || second.load.isVoid }

    private var curves: [LatencyCurve] {
        [first, second].enumerated()
            .flatMap { index, run in
                [
                    LatencyCurve(name: "\(run.name) intended", colour: index, spectrum: Spectrum(run.load.intended)),
                    LatencyCurve(
                        name: "\(run.name) service",
                        colour: index,
                        isDashed: true,
                        spectrum: Spectrum(run.load.service)
                    ),
                ]
            }
    }

    /// The other differences of the runs.
    private var differences: [String] {
        let pairs = [
            ("workload", first.load.workload, second.load.workload), ("store", first.load.store, second.load.store),
            ("loop", first.load.loop, second.load.loop), ("seed", "\(first.load.seed)", "\(second.load.seed)"),
            ("build", first.load.build, second.load.build),
            ("processor", first.load.machine.processor, second.load.machine.processor),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) and \($0.2)" }
    }

    private var times: Table {
        var rows: [[String]] = []
        for (kind, times) in [
            ("intended", { (load: LoadReport) in load.intended }),
            ("service", { (load: LoadReport) in load.service }),
        ] {
            let (before, after) = (times(first.load), times(second.load))
            let spectra = (Spectrum(before), Spectrum(after))
            for (share, name, needs) in Chart.percentiles where min(before.count, after.count) >= needs {
                let change = Change(
                    from: (before.microseconds(share), spectra.0?.interval(of: share, confidence: Change.confidence)),
                    to: (after.microseconds(share), spectra.1?.interval(of: share, confidence: Change.confidence)),
                    isVoid: isVoid
                )
                rows.append(
                    [
                        "\(kind) \(name)", Amount.time(before.microseconds(share)),
                        Amount.time(after.microseconds(share)),
                        Amount.change(change.ratio),
                    ]
                        + [Self.interval(change), Self.word(change)]
                )
            }
        }
        return Table(
            columns: [.words("time"), .number(first.name), .number(second.name), .number("change")]
                + [.number("95 % interval"), .words("verdict")],
            rows: rows
        )
    }

    private static func interval(_ change: Change) -> String {
        change.interval.map { "\(Amount.change($0.lowerBound)) … \(Amount.change($0.upperBound))" } ?? "-"
    }

    private static func word(_ change: Change) -> String {
        switch change.verdict {
        case .lower: "faster"
        case .higher: "slower"
        case .none: "no verdict"
        }
    }

    private var counts: Table {
        func turns(_ load: LoadReport) -> Double { Double(max(1, load.turns)) }
        let figures: [(name: String, value: (LoadReport) -> Double, text: (Double) -> String)] = [
            ("turns", { Double($0.turns) }, Amount.number),
            ("turns a second", \.turnRate, Amount.number),
            ("errors", { Double($0.errors) }, Amount.number),
            ("tokens sent, a turn", { Double($0.traffic.sentTokens) / turns($0) }, Amount.number),
            ("replay amplification", \.amplification, Amount.factor),
            ("written to the store, a turn", { Double($0.traffic.storeBytesWritten) / turns($0) }, Amount.bytes),
            ("read from the store, a turn", { Double($0.traffic.storeBytesRead) / turns($0) }, Amount.bytes),
            ("round trips of the store, a turn", { Double($0.traffic.storeRoundTrips) / turns($0) }, Amount.number),
            ("overhead of a turn", \.overheadRatio, Amount.percent),
        ]
        return Table(
            columns: [.words("figure"), .number(first.name), .number(second.name), .number("change")],
            rows: figures.map { figure in
                let (before, after) = (figure.value(first.load), figure.value(second.load))
                let change =
                    before == after ? "0 %" : before == 0 ? "-" : Amount.change(Change(counted: before, after).ratio)
                return [figure.name, figure.text(before), figure.text(after), change]
            }
        )
    }
}
