internal import Foundation

/// A load in a report: what was run, what came of it, and where that can be seen.
struct LoadSection {
    let name: String
    /// Tells the charts of one load from those of another within a page.
    let place: Int
    let load: LoadReport

    var section: Section {
        var blocks: [Section.Block] = warnings.map { .warning($0) }
        blocks.append(.figures(figures))
        blocks.append(.facts(facts))
        blocks.append(.charts(charts))
        blocks.append(
            .columns([
                [.heading("Times"), .table(times), .paragraph(Self.percentileNote)],
                [.heading("What crossed"), .table(counts)],
            ])
        )
        return Section(title: "\(load.workload) on \(load.store)", kicker: "Load \u{B7} \(name)", blocks: blocks)
    }

    /// What has to be known before the figures are believed.
    private var warnings: [String] {
        var texts: [String] = []
        if load.isVoid {
            texts.append(
                "Void latencies: the generator itself was late, by \(Amount.time(load.lateness.microseconds(0.99))) at its 99th "
                    + "percentile, which is more than a hundredth of the median that was measured. Tokens, bytes and the "
                    + "audit stand."
            )
        }
        if load.isClosed {
            texts.append("Closed loop: slow answers lessen the load, so that latencies are too good.")
        }
        if load.isInterrupted { texts.append("The run was ended early: the figures are of what was done by then.") }
        if let audit = load.audit, !audit.isClean {
            texts.append(
                "The audit found what must not be: \(audit.lost) lost, \(audit.duplicated) duplicated, "
                    + "\(audit.reordered) reordered, \(audit.foreign) foreign."
            )
        }
        if load.audit == nil {
            texts.append("Nothing was audited: \(load.auditFailure ?? "the store could not be read").")
        }
        if load.errors > 0 {
            texts.append("\(Amount.grouped(load.errors)) turns failed: \(reasons).")
        }
        if load.build == "debug" {
            texts.append("A debug build: its times are several times those of a release build.")
        }
        return texts
    }

    private var reasons: String {
        load.errorReasons.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }.joined(separator: "; ")
    }

    private var figures: [(value: String, name: String)] {
        let isClean = load.audit?.isClean == true
        return [
            (load.isVoid ? "void" : Amount.time(load.intended.microseconds(0.5)), "p50 intended"),
            (load.isVoid ? "void" : Amount.time(load.intended.microseconds(0.99)), "p99 intended"),
            (Amount.number(load.turnRate), "turns a second"),
            (Amount.factor(load.amplification), "replay amplification"),
            (Amount.percent(load.overheadRatio), "overhead of a turn"),
            (isClean ? "clean" : load.audit == nil ? "none" : "failed", "audit"),
        ]
    }

    private var facts: [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = []
        if !load.command.isEmpty {
            facts.append(("command", load.command.map { Self.quoted($0) }.joined(separator: " ")))
        }
        facts.append(("loop", "\(load.loop), seed \(load.seed), \(Amount.number(load.seconds)) s"))
        facts.append(("ended", load.date.formatted(.iso8601)))
        facts.append(("build", load.build))
        facts.append(("machine", load.machine.text))
        return facts
    }

    /// An argument as a shell takes it.
    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_=./:,+@%".contains($0) }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
    }

    private var charts: [Chart] {
        let curves = [
            LatencyCurve(name: "intended", colour: 0, spectrum: Spectrum(load.intended)),
            LatencyCurve(name: "service", colour: 1, isDashed: true, spectrum: Spectrum(load.service)),
        ]
        return [
            Chart.latency(name: "latency-\(place)", curves, table: quantiles),
            Chart.sweep(name: "sweep-\(place)", load.sweep),
            Chart.stages(name: "stages-\(place)", load.history),
            Chart.bytes(name: "bytes-\(place)", load.history),
            Chart.amplification(name: "amplification-\(place)", load.amplifications),
        ]
        .compactMap { $0 }
    }

    /// Percentiles with the interval that each lies in.
    private var quantiles: Table {
        let spectra = [Spectrum(load.intended), Spectrum(load.service)]
        let times = [load.intended, load.service]
        let rows = Chart.percentiles.filter { load.intended.count >= $0.needs }
            .map { share, name, _ in
                [name]
                    + zip(times, spectra)
                    .flatMap { times, spectrum in
                        [
                            Amount.time(times.microseconds(share)),
                            Self.interval(spectrum?.interval(of: share, confidence: 0.95)),
                        ]
                    }
            }
        return Table(
            columns: [
                .words("percentile"), .number("intended"), .number("95 % interval"), .number("service"),
                .number("95 % interval"),
            ],
            rows: rows
        )
    }

    private static func interval(_ range: ClosedRange<Double>?) -> String {
        range.map { "\(Amount.time($0.lowerBound)) … \(Amount.time($0.upperBound))" } ?? "-"
    }

    private var times: Table {
        var rows = [("intended", load.intended), ("service", load.service), ("overhead", load.overhead)]
        if !load.isClosed { rows.append(("generator's lateness", load.lateness)) }
        // What is only counted, such as what a client would send again, has none.
        rows += load.baselines.filter { $0.times.count > 0 }.map { ($0.kind.rawValue, $0.times) }
        let most = rows.map { $1.count }.max() ?? 0
        let percentiles = Chart.percentiles.filter { most >= $0.needs }
        return Table(
            columns: [.words("time"), .number("count")] + percentiles.map { .number($0.name) } + [.number("max")],
            rows: rows.map { name, times in
                [name, Amount.grouped(times.count)]
                    + percentiles.map { times.count >= $0.needs ? Amount.time(times.microseconds($0.share)) : "-" }
                    + [Amount.time(times.microseconds(1))]
            }
        )
    }

    private static let percentileNote =
        "Intended counts from the moment at which a turn was meant to begin, service from the moment at which it did. "
        + "p99 needs 100 times, p99.9 10 000 and p99.99 100 000: none is told of fewer."

    private var counts: Table {
        let turns = Double(max(1, load.turns))
        var rows = [
            ["turns", Amount.grouped(load.turns), ""],
            [
                "calls of the model", Amount.grouped(load.traffic.calls),
                Amount.number(Double(load.traffic.calls) / turns),
            ],
            ["sessions", Amount.grouped(load.sessions), ""],
            [
                "tokens sent", Amount.number(Double(load.traffic.sentTokens)),
                Amount.number(Double(load.traffic.sentTokens) / turns),
            ],
            [
                "tokens that were new", Amount.number(Double(load.traffic.newTokens)),
                Amount.number(Double(load.traffic.newTokens) / turns),
            ],
            [
                "bytes sent", Amount.bytes(Double(load.traffic.sentBytes)),
                Amount.bytes(Double(load.traffic.sentBytes) / turns),
            ],
            [
                "bytes that were new", Amount.bytes(Double(load.traffic.newBytes)),
                Amount.bytes(Double(load.traffic.newBytes) / turns),
            ],
            [
                "written to the store", Amount.bytes(Double(load.traffic.storeBytesWritten)),
                Amount.bytes(Double(load.traffic.storeBytesWritten) / turns),
            ],
            [
                "read from the store", Amount.bytes(Double(load.traffic.storeBytesRead)),
                Amount.bytes(Double(load.traffic.storeBytesRead) / turns),
            ],
            [
                "round trips of the store", Amount.number(Double(load.traffic.storeRoundTrips)),
                Amount.number(Double(load.traffic.storeRoundTrips) / turns),
            ],
        ]
        if let live = load.liveSessions { rows.insert(["sessions held live", Amount.grouped(live), ""], at: 3) }
        for baseline in load.baselines where baseline.bytesWritten > 0 {
            rows.append(
                [
                    "written by \(baseline.kind.rawValue)", Amount.bytes(Double(baseline.bytesWritten)),
                    Amount.bytes(Double(baseline.bytesWritten) / turns),
                ]
            )
            rows.append(["\(baseline.kind.rawValue) to the log, written", Amount.factor(load.writeRatio(baseline)), ""])
        }
        rows.append(["replay amplification", Amount.factor(load.amplification), ""])
        rows.append(["the same in blocks", Amount.factor(load.amplificationBlocks), ""])
        return Table(columns: [.words("what"), .number("in all"), .number("a turn")], rows: rows)
    }
}

extension LoadReport {
    /// The kind of the loop.
    var loop: String { run.isClosed ? "closed" : "open" }

    /// The bytes that a baseline wrote for each byte that the log wrote.
    fileprivate func writeRatio(_ baseline: Baseline) -> Double {
        Double(baseline.bytesWritten) / Double(max(1, traffic.storeBytesWritten))
    }
}

extension Machine {
    /// The machine, best known first.
    fileprivate var text: String { "\(processor), \(cores) cores, kernel \(system), load \(Amount.number(load))" }
}
