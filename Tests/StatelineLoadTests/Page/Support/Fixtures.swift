import Foundation
import Stateline
import StatelineLoad
import StatelineMemory

/// Files as the commands write them.
enum Fixtures {
    /// What a load printed that was really run.
    static func load(sessions: Int = 12, seed: UInt64 = 1) async throws -> String {
        let parameters = Workload.chat.parameters(sessions: sessions, rate: 1000, speed: 10_000, seed: seed)
        var configuration = LoadConfiguration(parameters, workers: 3)
        configuration.baseline = MemoryCells()
        configuration.countsStateless = true
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
    static func times(longest: Int, count: Int) throws -> Any {
        var times = Latencies()
        for index in 0..<count { times.record(.microseconds(longest * (index * 1000 / count + 1) / 1000)) }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try JSONSerialization.jsonObject(with: try encoder.encode(times))
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
