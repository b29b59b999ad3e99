import Foundation
import Stateline
import StatelineLoad
import StatelineMemory

/// Files as the commands write them.
enum Fixtures {
    /// What a load printed that was really run.
    static func load(sessions: Int = 12, seed: UInt64 = 1) async throws -> String {
        let shape = Workload.chat.shape(sessions: sessions, rate: 1000, speed: 10_000, seed: seed)
        var configuration = LoadConfiguration(shape, workers: 3)
        configuration.baseline = MemoryCells()
        configuration.countsResends = true
        let target = LoadTarget(MemoryStore(), name: "memory")
        var report = try await LoadRun(.chat, against: target, configuration).run()
        report.command = ["stateline", "load", "--store", "redis://me:secret@host", "it's"]
        return try report.json
    }

    /// The same with other figures.
    static func load(_ json: String, _ change: (inout [String: Any]) -> Void) throws -> String {
        var object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
        change(&object)
        return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    /// Times that lie evenly up to a longest one, as a load tells them.
    static func times(longest: Int, count: Int) -> (times: [String: Int], spectrum: [String: [Double]]) {
        func quantile(_ share: Double) -> Int { Int(share * Double(longest)) }
        let steps = stride(from: 0.001, through: 1, by: 0.001)
        return (
            [
                "count": count, "p50_us": quantile(0.5), "p90_us": quantile(0.9), "p99_us": quantile(0.99),
                "p999_us": quantile(0.999), "p9999_us": quantile(0.9999), "max_us": longest,
            ],
            [
                "us": steps.map { Double(quantile($0)) }, "quantile": Array(steps),
                "count": steps.map { ($0 * Double(count)).rounded() },
            ]
        )
    }

    /// What a comparison printed.
    static func comparison(load: Double = 0.4) -> String {
        """
        {"cases":[
        {"case":"look up","peer":"<script>alert(1)</script>","ours":50,"theirs":100,"unit":"ns","ratio":2,
         "ci_low":1.9,"ci_high":2.1,"target":1.5},
        {"case":"overlap","peer":"other","ours":98,"theirs":100,"unit":"ns","ratio":1.02,"ci_low":0.97,"ci_high":1.07,
         "target":null},
        {"case":"inverse","peer":"other","ours":20,"theirs":10,"unit":"us","ratio":2,"ci_low":1.9,"ci_high":2.1,
         "target":null},
        {"case":"rate","peer":"other","ours":900,"theirs":600,"unit":"thousand ops a second","ratio":1.5,"ci_low":1.4,
         "ci_high":1.6,"target":null}],
        "load":\(load),"machine":{"cores":2,"processor":"any","system":"6.1","versions":{"redis":"8"}}}
        """
    }
}
