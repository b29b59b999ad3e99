internal import Foundation

/// A load in a report: its parameters, figures and charts.
struct LoadSection {
    let name: String
    /// The number of the load, which keeps the names of charts unique within a page.
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
                [.heading("Traffic"), .table(counts)],
            ])
        )
        return Section(title: "\(load.workload) on \(load.store)", kicker: "Load \u{B7} \(name)", blocks: blocks)
    }

    /// The warnings to read before the figures.
    private var warnings: [String] {
        var texts: [String] = []
        if load.isVoid {
            texts.append(
                "Void latencies: the generator was late by \(Amount.time(load.lateness.microseconds(0.99))) at the 99th "
                    + "percentile, more than a hundredth of the median latency. Tokens, bytes and the audit are valid."
            )
        }
        if load.isClosed {
            texts.append("Closed loop: slow answers reduce the load, so the latencies are too low.")
        }
        if load.isInterrupted { texts.append("The run was ended early: the figures cover the part until then.") }
        if let audit = load.audit, !audit.isClean {
            texts.append(
                "The audit failed: \(audit.lost) lost, \(audit.duplicated) duplicated, "
                    + "\(audit.reordered) reordered, \(audit.foreign) foreign."
            )
        }
        if load.audit == nil {
            texts.append("No audit: \(load.auditFailure ?? "the store could not be read").")
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

    /// Quotes an argument for a shell.
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

    /// The percentiles with their intervals.
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
        // A baseline that is only counted has no times.
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
        "Intended counts from the moment at which a turn was due, service from its actual beginning. "
        + "p99 needs 100 times, p99.9 needs 10 000 and p99.99 needs 100 000; otherwise they are left out."

    private var counts: Table {
        let turns = Double(max(1, load.turns))
        var rows = [
            ["turns", Amount.grouped(load.turns), ""],
            [
                "model calls", Amount.grouped(load.traffic.calls),
                Amount.number(Double(load.traffic.calls) / turns),
            ],
            ["sessions", Amount.grouped(load.sessions), ""],
            [
                "tokens sent", Amount.number(Double(load.traffic.sentTokens)),
                Amount.number(Double(load.traffic.sentTokens) / turns),
            ],
            [
                "new tokens", Amount.number(Double(load.traffic.newTokens)),
                Amount.number(Double(load.traffic.newTokens) / turns),
            ],
            [
                "bytes sent", Amount.bytes(Double(load.traffic.sentBytes)),
                Amount.bytes(Double(load.traffic.sentBytes) / turns),
            ],
            [
                "new bytes", Amount.bytes(Double(load.traffic.newBytes)),
                Amount.bytes(Double(load.traffic.newBytes) / turns),
            ],
            [
                "bytes written to the store", Amount.bytes(Double(load.traffic.storeBytesWritten)),
                Amount.bytes(Double(load.traffic.storeBytesWritten) / turns),
            ],
            [
                "bytes read from the store", Amount.bytes(Double(load.traffic.storeBytesRead)),
                Amount.bytes(Double(load.traffic.storeBytesRead) / turns),
            ],
            [
                "round trips of the store", Amount.number(Double(load.traffic.storeRoundTrips)),
                Amount.number(Double(load.traffic.storeRoundTrips) / turns),
            ],
        ]
        if let live = load.liveSessions { rows.insert(["live sessions, minimum", Amount.grouped(live), ""], at: 3) }
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
        rows.append(["replay amplification in blocks", Amount.factor(load.amplificationBlocks), ""])
        return Table(columns: [.words("figure"), .number("total"), .number("per turn")], rows: rows)
    }
}

extension LoadReport {
    /// The kind of the loop.
    var loop: String { run.isClosed ? "closed" : "open" }

    /// Returns the bytes that a baseline wrote for each byte that the log wrote.
    fileprivate func writeRatio(_ baseline: Baseline) -> Double {
        Double(baseline.bytesWritten) / Double(max(1, traffic.storeBytesWritten))
    }
}

extension Machine {
    /// The machine, best known first.
    fileprivate var text: String { "\(processor), \(cores) cores, kernel \(system), load \(Amount.number(load))" }
}
