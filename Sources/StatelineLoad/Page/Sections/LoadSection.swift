/// A load in a report: what was run, what came of it, and where that can be seen.
struct LoadSection {
    let name: String
    /// Tells the charts of one load from those of another within a page.
    let place: Int
    let load: LoadDocument

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
        if load.void {
            texts.append(
                "Void latencies: the generator itself was late, by \(Amount.time(load.lateness.p99Us)) at its 99th "
                    + "percentile, which is more than a hundredth of the median that was measured. Tokens, bytes and the "
                    + "audit stand."
            )
        }
        if load.mode == "closed" {
            texts.append("Closed loop: slow answers lessen the load, so that latencies are too good.")
        }
        if load.interrupted { texts.append("The run was ended early: the figures are of what was done by then.") }
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
            texts.append("\(Amount.grouped(load.errors)) turns failed: \(load.errorReasons.joined(separator: "; ")).")
        }
        if load.build == "debug" {
            texts.append("A debug build: its times are several times those of a release build.")
        }
        return texts
    }

    private var figures: [(value: String, name: String)] {
        let isClean = load.audit?.isClean == true
        return [
            (load.void ? "void" : Amount.time(load.intended.p50Us), "p50 intended"),
            (load.void ? "void" : Amount.time(load.intended.p99Us), "p99 intended"),
            (Amount.number(load.turnRate), "turns a second"),
            (Amount.factor(load.amplification), "replay amplification"),
            (Amount.percent(load.overheadRatio), "overhead of a turn"),
            (isClean ? "clean" : load.audit == nil ? "none" : "failed", "audit"),
        ]
    }

    private var facts: [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = []
        if let command = load.command, !command.isEmpty {
            facts.append(("command", command.map { Self.quoted($0) }.joined(separator: " ")))
        }
        facts.append(("loop", "\(load.mode), seed \(load.seed), \(Amount.number(load.seconds)) s"))
        if let date = load.date { facts.append(("ended", date)) }
        if let build = load.build { facts.append(("build", build)) }
        if let machine = load.machine {
            facts.append(("machine", Self.words(of: machine)))
        }
        return facts
    }

    /// A machine, with what is known best first.
    static func words(of machine: [String: JSONValue]) -> String {
        var machine = machine
        var parts: [String] = []
        if let processor = machine.removeValue(forKey: "processor") { parts.append(processor.text) }
        if let cores = machine.removeValue(forKey: "cores") { parts.append("\(cores.text) cores") }
        if let system = machine.removeValue(forKey: "system") { parts.append("kernel \(system.text)") }
        parts += machine.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
        return parts.joined(separator: ", ")
    }

    /// An argument as a shell takes it.
    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_=./:,+@%".contains($0) }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
    }

    private var charts: [Chart] {
        let buckets = load.history ?? []
        let curves = [
            LatencyCurve(name: "intended", colour: 0, spectrum: load.spectrum("intended")),
            LatencyCurve(name: "service", colour: 1, isDashed: true, spectrum: load.spectrum("service")),
        ]
        return [
            Chart.latency(name: "latency-\(place)", curves, table: quantiles),
            load.sweep.flatMap { Chart.sweep(name: "sweep-\(place)", $0) },
            Chart.stages(name: "stages-\(place)", buckets),
            Chart.bytes(name: "bytes-\(place)", buckets),
            load.amplificationSessions.flatMap { Chart.amplification(name: "amplification-\(place)", $0) },
        ]
        .compactMap { $0 }
    }

    /// Percentiles with the interval that each lies in.
    private var quantiles: Table {
        let spectra = [load.spectrum("intended"), load.spectrum("service")]
        let times = [load.intended, load.service]
        let rows = Chart.percentiles.filter { load.intended.count >= $0.needs }
            .map { share, name, _ in
                [name]
                    + zip(times, spectra)
                    .flatMap { times, spectrum in
                        [Amount.time(times[share]), Self.interval(spectrum?.interval(of: share, confidence: 0.95))]
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
        var rows = [("intended", load.intended), ("service", load.service)]
        if let overhead = load.overhead { rows.append(("overhead", overhead)) }
        if load.mode != "closed" { rows.append(("generator's lateness", load.lateness)) }
        // What is only counted, such as what a client would send again, has none.
        rows += load.allBaselines.filter { $0.times.count > 0 }.map { ($0.kind, $0.times) }
        let most = rows.map { $1.count }.max() ?? 0
        let percentiles = Chart.percentiles.filter { most >= $0.needs }
        return Table(
            columns: [.words("time"), .number("count")] + percentiles.map { .number($0.name) } + [.number("max")],
            rows: rows.map { name, times in
                [name, Amount.grouped(times.count)]
                    + percentiles.map { times.count >= $0.needs ? Amount.time(times[$0.share]) : "-" }
                    + [Amount.time(times.maxUs)]
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
            ["calls of the model", Amount.grouped(load.steps), Amount.number(Double(load.steps) / turns)],
            ["sessions", Amount.grouped(load.sessions), ""],
            ["tokens sent", Amount.number(load.sentTokens), Amount.number(load.sentTokens / turns)],
            ["tokens that were new", Amount.number(load.newTokens), Amount.number(load.newTokens / turns)],
            ["bytes sent", Amount.bytes(load.sentBytes), Amount.bytes(load.sentBytes / turns)],
            ["bytes that were new", Amount.bytes(load.newBytes), Amount.bytes(load.newBytes / turns)],
            [
                "written to the store", Amount.bytes(load.storeBytesWritten),
                Amount.bytes(load.storeBytesWritten / turns),
            ],
            ["read from the store", Amount.bytes(load.storeBytesRead), Amount.bytes(load.storeBytesRead / turns)],
            [
                "round trips of the store", Amount.number(load.storeRoundTrips),
                Amount.number(load.storeRoundTrips / turns),
            ],
        ]
        if let live = load.liveSessions { rows.insert(["sessions held live", Amount.grouped(live), ""], at: 3) }
        for baseline in load.allBaselines where baseline.bytesWritten > 0 {
            rows.append(
                [
                    "written by \(baseline.kind)", Amount.bytes(baseline.bytesWritten),
                    Amount.bytes(baseline.bytesWritten / turns),
                ]
            )
            rows.append(["\(baseline.kind) to the log, written", Amount.factor(baseline.writeRatio), ""])
        }
        rows.append(["replay amplification", Amount.factor(load.amplification), ""])
        rows.append(["the same in blocks", Amount.factor(load.amplificationBlocks), ""])
        return Table(columns: [.words("what"), .number("in all"), .number("a turn")], rows: rows)
    }
}

extension LoadDocument.Times {
    /// One of the percentiles that reports tell.
    subscript(share: Double) -> Double {
        switch share {
        case 0.5: p50Us
        case 0.9: p90Us
        case 0.99: p99Us
        case 0.999: p999Us
        default: p9999Us
        }
    }
}
