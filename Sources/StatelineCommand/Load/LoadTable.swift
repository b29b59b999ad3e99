internal import StatelineLoad

/// A load's report as a table on the terminal.
struct LoadTable {
    let terminal: Terminal

    /// Writes a report.
    func write(_ report: LoadReport) throws(Terminal.WriteFailure) {
        let loop = report.isClosed ? "closed loop: slow answers reduced the load" : "open loop"
        try terminal.writeLine(
            terminal.styled("\(report.workload) on \(report.store), \(loop), seed \(report.seed)", .bold)
        )
        try row(
            "held",
            "\(report.sessions) sessions, \(report.turns) turns, \(report.traffic.calls) calls",
            report.seconds
        )
        if let live = report.liveSessions { try row("live", "\(Figures.count(live, "session")) at least") }
        try row(
            "sent",
            "\(report.traffic.sentTokens) tokens for \(report.traffic.newTokens) new: \(Figures.factor(report.amplification))"
        )
        try row("in blocks", "\(report.traffic.newTokensBlocks) new: \(Figures.factor(report.amplificationBlocks))")
        try row("bytes", "\(Figures.bytes(report.traffic.sentBytes)) for \(Figures.bytes(report.traffic.newBytes)) new")
        try row(
            "store",
            "\(Figures.bytes(report.traffic.storeBytesWritten)) written, \(Figures.bytes(report.traffic.storeBytesRead)) read, "
                + Figures.count(report.traffic.storeRoundTrips, "round trip")
        )
        try row("overhead", "\(Figures.percent(report.overheadRatio)) of the turns' time")
        try row("errors", "\(report.errors)")
        for (reason, count) in report.errorReasons.sorted(by: { $0.key < $1.key }) {
            try row("", "\(count) x \(reason)")
        }
        try writeAudit(of: report)
        try terminal.writeLine()
        try writeTimes(of: report)
        if report.isVoid { try writeVoid(report) }
    }

    private func row(_ name: String, _ text: String, _ seconds: Double? = nil) throws(Terminal.WriteFailure) {
        let time = seconds.map { " in \(Figures.decimal($0, places: 1)) s" } ?? ""
        let padding = String(repeating: " ", count: max(0, 11 - name.count))
        try terminal.writeLine(name + padding + text + time)
    }

    private func writeAudit(of report: LoadReport) throws(Terminal.WriteFailure) {
        guard let audit = report.audit else {
            return try row("audit", "none: \(report.auditFailure ?? "the store could not be read")")
        }
        try row(
            "audit",
            "\(audit.lost) lost, \(audit.duplicated) duplicated, \(audit.reordered) reordered, \(audit.foreign) foreign "
                + "of \(audit.acknowledged) acknowledged"
        )
        for finding in audit.findings { try row("", finding) }
    }

    private func writeTimes(of report: LoadReport) throws(Terminal.WriteFailure) {
        let titles = ["p50", "p90", "p99", "p99.9", "max"]
        try terminal.writeLine(
            terminal.styled(Self.line("", titles), .bold)
        )
        var rows = [("intended", report.intended), ("service", report.service), ("overhead", report.overhead)]
        if !report.isClosed { rows.append(("lateness", report.lateness)) }
        if let baseline = report.baseline(.raw) { rows.append(("round trip", baseline.times)) }
        if let baseline = report.baseline(.wholeState) { rows.append(("whole state", baseline.times)) }
        for (name, times) in rows { try terminal.writeLine(Self.line(name, Self.cells(times))) }
        try writeBaselines(of: report)
    }

    private func writeBaselines(of report: LoadReport) throws(Terminal.WriteFailure) {
        func ratio(_ bytes: Int) -> String {
            Figures.factor(Double(bytes) / Double(max(1, report.traffic.storeBytesWritten)))
        }
        if let baseline = report.baseline(.wholeState) {
            try terminal.writeParagraph(
                "The whole-state baseline wrote \(Figures.bytes(baseline.bytesWritten)), "
                    + "\(ratio(baseline.bytesWritten)) of the log's bytes, and read \(Figures.bytes(baseline.bytesRead)), with "
                    + "\(Figures.count(baseline.roundTrips, "round trip"))\(failures(of: baseline))."
            )
        }
        if let baseline = report.baseline(.raw) {
            try terminal.writeParagraph(
                "The raw baseline made \(Figures.count(baseline.roundTrips, "round trip")) of the store"
                    + "\(failures(of: baseline))."
            )
        }
        if let baseline = report.baseline(.stateless) {
            try terminal.writeParagraph(
                "A client without a store would send \(Figures.bytes(baseline.bytesWritten)) in "
                    + "\(Figures.count(baseline.roundTrips, "request")), \(ratio(baseline.bytesWritten)) the log's bytes."
            )
        }
    }

    private func failures(of baseline: LoadReport.Baseline) -> String {
        baseline.errors == 0 ? "" : " and \(Figures.count(baseline.errors, "failure"))"
    }

    /// Returns the percentiles of a row, without those for which there are too few times.
    private static func cells(_ times: Latencies) -> [String] {
        guard times.count > 0 else { return Array(repeating: "-", count: 5) }
        return [0.5, 0.9, 0.99].map { Figures.time(times.quantile($0)) }
            + [times.count < 10_000 ? "-" : Figures.time(times.quantile(0.999)), Figures.time(times.longest)]
    }

    private static func line(_ name: String, _ cells: [String]) -> String {
        name + String(repeating: " ", count: max(0, 11 - name.count))
            + cells.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined()
    }

    private func writeVoid(_ report: LoadReport) throws(Terminal.WriteFailure) {
        try terminal.writeLine()
        try terminal.writeParagraph(
            "The latencies are void: the generator was late by \(Figures.time(report.lateness.quantile(0.99))) at the 99th "
                + "percentile, more than a hundredth of the median latency. Tokens, bytes and the audit are valid.",
            .warning
        )
    }
}
