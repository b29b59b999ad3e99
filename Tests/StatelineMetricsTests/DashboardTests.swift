import Foundation
import Stateline
import StatelineTesting
import Testing

@testable import StatelineMetrics

/// The parts of a dashboard that the tests read.
private struct Dashboard: Decodable {
    struct Panel: Decodable {
        let title: String
        let targets: [Target]
    }

    struct Target: Decodable {
        let expr: String
    }

    let panels: [Panel]
}

@Suite struct DashboardTests {
    @Test func `the dashboard asks for metrics that the exporter has, and shows every one of the turns`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = "Sources/StatelineMetrics/StatelineMetrics.docc/Resources/stateline-dashboard.json"
        let dashboard = try JSONDecoder()
            .decode(Dashboard.self, from: Data(contentsOf: root.appending(path: path)))
        let counted = Counted()
        let session = try await counted.boundary.session(SessionKey("s"), model: counted.model([.text("a")]))
        try await session.respond(to: "1")
        let names = Set(
            counted.exporter.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { String($0.prefix { $0 != "{" && $0 != " " }) }
        )
        var asked: Set<String> = []
        for panel in dashboard.panels {
            for target in panel.targets {
                let metrics = target.expr.matches(of: /[a-z_]+(?=\{)/).map { String($0.output) }
                #expect(!metrics.isEmpty, "\(panel.title): \(target.expr)")
                for metric in metrics { #expect(names.contains(metric), "\(panel.title): \(metric)") }
                asked.formUnion(metrics)
            }
        }
        for definition in MetricDefinition.turns where definition != .amplification {
            let name = PrometheusText.name(definition, isCounter: definition.buckets.isEmpty)
            #expect(asked.contains { $0 == name || $0.hasPrefix("\(name)_") }, "\(name) is on no panel")
        }
    }
}
