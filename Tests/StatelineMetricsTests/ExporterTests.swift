import CoreMetrics
import Testing

@testable import StatelineMetrics

@Suite struct ExporterTests {
    /// The page without the figures of the process.
    private func page(_ exporter: PrometheusExporter) -> String {
        exporter.text().split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("process_") && !$0.contains("stateline_build_info") }
            .joined(separator: "\n")
    }

    @Test func `each kind is written as the text format wants it, sorted by name and labels`() {
        let exporter = PrometheusExporter(definitions: [
            MetricDefinition("demo.wait", unit: .seconds, help: "Waiting.", buckets: [0.001, 0.5, 2]),
            MetricDefinition("demo.size", unit: .bytes, help: "A \\ and\na line.", buckets: [1, 4]),
            MetricDefinition("demo.sent.bytes", unit: .bytes, help: "Sent."),
        ])
        Counter(label: "demo.sent.bytes", dimensions: [("to", "b")], factory: exporter).increment(by: 7)
        Counter(label: "demo.sent.bytes", dimensions: [("to", "a")], factory: exporter).increment(by: 2)
        FloatingPointCounter(label: "demo.paid", factory: exporter).increment(by: 0.25)
        Meter(label: "demo.open", factory: exporter).set(3)
        Gauge(label: "demo.level", factory: exporter).record(-1.5)
        let timer = Timer(label: "demo.wait", factory: exporter)
        timer.recordNanoseconds(1_000_000)
        timer.recordNanoseconds(1_000_001)
        timer.recordNanoseconds(3_000_000_000)
        Recorder(label: "demo.size", dimensions: [("of", "x")], factory: exporter).record(4)
        #expect(
            page(exporter) == """
                # HELP demo_level The metric demo.level.
                # TYPE demo_level gauge
                demo_level -1.5
                # HELP demo_open The metric demo.open.
                # TYPE demo_open gauge
                demo_open 3
                # HELP demo_paid_total The metric demo.paid.
                # TYPE demo_paid_total counter
                demo_paid_total 0.25
                # HELP demo_sent_bytes_total Sent.
                # TYPE demo_sent_bytes_total counter
                demo_sent_bytes_total{to="a"} 2
                demo_sent_bytes_total{to="b"} 7
                # HELP demo_size_bytes A \\\\ and\\na line.
                # TYPE demo_size_bytes histogram
                demo_size_bytes_bucket{of="x",le="1"} 0
                demo_size_bytes_bucket{of="x",le="4"} 1
                demo_size_bytes_bucket{of="x",le="+Inf"} 1
                demo_size_bytes_sum{of="x"} 4
                demo_size_bytes_count{of="x"} 1
                # HELP demo_wait_seconds Waiting.
                # TYPE demo_wait_seconds histogram
                demo_wait_seconds_bucket{le="0.001"} 1
                demo_wait_seconds_bucket{le="0.5"} 2
                demo_wait_seconds_bucket{le="2"} 2
                demo_wait_seconds_bucket{le="+Inf"} 3
                demo_wait_seconds_sum 3.002000001
                demo_wait_seconds_count 3

                """
        )
    }

    @Test func `labels cannot break out of their quotes, nor names out of their alphabet`() {
        let exporter = PrometheusExporter()
        Counter(
            label: "0ä.b-c",
            dimensions: [("a.b", "x\"} 1\n\\y"), ("le", "1"), ("ü", "ü"), ("a_b", "second")],
            factory: exporter
        )
        .increment()
        #expect(
            page(exporter) == """
                # HELP _0__b_c_total The metric 0ä.b-c.
                # TYPE _0__b_c_total counter
                _0__b_c_total{_="ü",a_b="x\\"} 1\\n\\\\y",exported_a_b="second",exported_le="1"} 1

                """
        )
    }

    @Test func `long values of labels are cut in whole scalars`() {
        let text = LabelSet([("a", String(repeating: "é", count: 100))]).text
        #expect(text == "a=\"\(String(repeating: "é", count: 64))\"")
    }

    @Test func `labels beyond the limit are counted together, and the sum stays true`() {
        let exporter = PrometheusExporter(seriesLimit: 2)
        for user in 0..<1000 {
            Counter(label: "demo", dimensions: [("user", "\(user)")], factory: exporter).increment()
        }
        Counter(label: "demo", dimensions: [("user", "1")], factory: exporter).increment()
        #expect(
            page(exporter).split(separator: "\n").filter { !$0.hasPrefix("#") } == [
                "demo_total{otel_metric_overflow=\"true\"} 998", "demo_total{user=\"0\"} 1", "demo_total{user=\"1\"} 2",
            ]
        )
    }

    @Test func `metrics beyond the limit keep nothing`() {
        let exporter = PrometheusExporter()
        for number in 0..<PrometheusExporter.familyLimit + 10 {
            Counter(label: "demo.\(number)", factory: exporter).increment()
        }
        #expect(
            page(exporter).split(separator: "\n").count { $0.hasPrefix("# TYPE") } == PrometheusExporter.familyLimit
        )
    }

    @Test func `a name is of one kind`() {
        let exporter = PrometheusExporter()
        Meter(label: "demo", factory: exporter).set(1)
        Recorder(label: "demo", factory: exporter).record(1)
        #expect(page(exporter).split(separator: "\n").filter { !$0.hasPrefix("#") } == ["demo 1"])
    }

    @Test func `counters never fall, and what is no number is not counted`() {
        let exporter = PrometheusExporter()
        let counter = FloatingPointCounter(label: "demo", factory: exporter)
        counter.increment(by: 2)
        counter.increment(by: -1)
        counter.increment(by: Double.nan)
        counter.increment(by: Double.infinity)
        Recorder(label: "demo.values", factory: exporter).record(Double.nan)
        #expect(page(exporter).contains("\ndemo_total 2\n"))
        #expect(page(exporter).contains("\ndemo_values_count 0\n"))
    }

    @Test func `concurrent recordings are all counted, and each page is consistent`() async {
        let exporter = PrometheusExporter()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let timer = Timer(label: "demo", factory: exporter)
                    for _ in 0..<5000 { timer.recordNanoseconds(1_000_000_000) }
                }
            }
            group.addTask {
                for _ in 0..<50 {
                    let lines = exporter.text().split(separator: "\n")
                    let last = lines.first { $0.hasPrefix("demo_seconds_bucket{le=\"+Inf\"}") }?.split(separator: " ")
                        .last
                    #expect(last == lines.first { $0.hasPrefix("demo_seconds_count") }?.split(separator: " ").last)
                }
            }
        }
        #expect(page(exporter).contains("\ndemo_seconds_sum 20000\ndemo_seconds_count 20000\n"))
    }

    #if os(Linux)
    @Test func `the process tells its memory, time, files and start`() throws {
        let lines = PrometheusExporter().text().split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = Dictionary(
            lines.map { ($0.split(separator: " ")[0], Double($0.split(separator: " ")[1]) ?? 0) }
        ) { _, last in last }
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_start_time_seconds"]) > 1_700_000_000)
        #expect(values["stateline_build_info{version=\"\(ProcessMetrics.version)\"}"] == 1)
    }
    #endif

    @Test func `a name that the process has too stands on a page once`() {
        let exporter = PrometheusExporter()
        let names = ["process_resident_memory_bytes", "process_open_fds", "stateline_build_info"]
        for name in names { Meter(label: name, factory: exporter).set(7) }
        let lines = exporter.text().split(separator: "\n")
        for name in names {
            #expect(lines.filter { $0.hasPrefix("# TYPE \(name) ") }.count == 1)
            #expect(lines.filter { !$0.hasPrefix("#") && $0.hasPrefix(name) } == ["\(name) 7"])
        }
    }

    @Test func `a command's name does not shift the fields of its process`() throws {
        let fields = (3...52).map(String.init).joined(separator: " ")
        let status = try #require(ProcessStatus("Name:\tx\nVmRSS:\t  12 kB\n", stat: "1 (a) b (c)) \(fields)"))
        #expect(status.residentBytes == 12 * 1024)
        #expect(status.cpuSeconds == 0.29)
        #expect(status.startSeconds == 0.22)
        #expect(ProcessStatus("", stat: "") == nil)
    }
}
