import Foundation
import Testing

@testable import StatelineLoad

@Suite(.timeLimit(.minutes(2))) struct ReportTests {
    private func page(_ texts: [(name: String, json: String)]) throws -> RunReport {
        try RunReport(texts.map { try RunFile($0.json, path: "runs/\($0.name).json") })
    }

    /// The cells of those rows of tables that are wanted.
    private static func rows(of text: String, where isWanted: (Substring) -> Bool) -> [[String]] {
        text.split(separator: "\n").filter(isWanted)
            .map { row in
                row.split(separator: "|").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            }
    }

    @Test func `a load that was run becomes a page that needs nothing else`() async throws {
        let load = try await Fixtures.load()
        let sweep = try Fixtures.load(load) { root in
            root["sweep"] = [(10.0, true), (12.5, true), (15.6, false)]
                .map { rate, passes in ["rate": rate, "passes": passes, "report": root] as [String: Any] }
        }
        let html = try page([("a", load), ("sweep", sweep), ("map", Fixtures.comparison())]).html
        let markup = ParsedPage(html)
        #expect(markup.failure == nil)
        // One of both, four of a load, five of the other, in two widths each, with words for who sees none.
        let drawings = markup.named("svg").filter { $0.attributes["role"] == "img" }
        #expect(drawings.count == 20)
        #expect(markup.elements.filter { $0.name == "title" && $0.path.last == "svg" }.count == drawings.count)
        #expect(markup.elements.filter { $0.name == "desc" && $0.path.last == "svg" }.count == drawings.count)
        let identifiers = markup.elements.compactMap { $0.attributes["id"] }
        #expect(Set(identifiers).count == identifiers.count)
        for drawing in drawings {
            let named = drawing.attributes["aria-labelledby"]?.split(separator: " ").map(String.init) ?? []
            #expect(named.count == 2)
            #expect(Set(named).isSubset(of: identifiers))
        }
        #expect(markup.named("text").contains { $0.text.hasPrefix("knee 12.5/s") })
        #expect(html.contains("Content-Security-Policy") && html.contains("default-src 'none'"))
        let active = ["script", "link", "img", "iframe", "object", "image", "use"]
        #expect(markup.elements.filter { active.contains($0.name) }.isEmpty)
        let attributes = markup.elements.flatMap { $0.attributes.map { ($0.key, $0.value) } }
        let fetched = ["src", "style", "action", "srcset", "data"]
        #expect(attributes.filter { fetched.contains($0.0) || $0.0.hasPrefix("on") }.isEmpty)
        let links = attributes.filter { $0.0 == "href" }.map { $0.1 }
        #expect(links.count == 4)
        #expect(Set(links).isSubset(of: identifiers.map { "#" + $0 }))
        #expect(!html.contains("url(") && !html.contains("@import"))
    }

    @Test func `drawings stay within their field`() async throws {
        let load = try await Fixtures.load()
        let markup = ParsedPage(try page([("a", load)]).html)
        var outside: [String] = []
        for (index, element) in markup.elements.enumerated() where element.attributes["role"] == "img" {
            let box = try #require(element.attributes["viewBox"]?.split(separator: " ").compactMap { Double($0) })
            for shape in markup.elements[(index + 1)...] {
                if shape.path.count <= element.path.count { break }
                let limits = [("x", box[2]), ("cx", box[2]), ("x1", box[2]), ("y", box[3]), ("cy", box[3])]
                for (name, limit) in limits {
                    guard let value = shape.attributes[name].flatMap(Double.init) else { continue }
                    if value < 0 || value > limit { outside.append("\(shape)") }
                }
                if let width = shape.attributes["width"].flatMap(Double.init), width <= 0 { outside.append("\(shape)") }
                guard let path = shape.attributes["d"] else { continue }
                let values = path.split { "ML ".contains($0) }.map { Double($0) ?? .infinity }
                if values.contains(where: { $0 < 0 || $0 > box[2] }) { outside.append(path) }
            }
        }
        #expect(outside == [])
        #expect(markup.named("path").count >= 8)
    }

    @Test func `what is in a file is text, in both forms`() async throws {
        let attack = #"<script>alert(1)</script>"><img src=x onerror=y>&amp;|*a*\#u{0}\#u{202E}"#
        let load = try Fixtures.load(try await Fixtures.load()) { root in
            root["workload"] = attack
            root["store"] = attack
            root["command"] = ["stateline", attack]
            root["machine"] = ["processor": attack, "system": attack, "cores": 2, "load": 0]
            root["error_reasons"] = [attack: 1]
            root["errors"] = 1
            root["build"] = attack
        }
        let report = try page([(attack.replacing("/", with: ""), load), ("map", Fixtures.comparison())])
        let markup = ParsedPage(report.html)
        #expect(markup.failure == nil)
        #expect(markup.named("script").isEmpty && markup.named("img").isEmpty)
        #expect(!report.html.contains("<script") && !report.html.contains("<img"))
        #expect(
            markup.named("h2").contains { $0.text.contains("<script>alert(1)</script>\"><img src=x onerror=y>&amp;") }
        )
        #expect(!report.html.unicodeScalars.contains("\u{202E}") && !report.html.unicodeScalars.contains("\0"))
        #expect(!report.markdown.contains("<script") && !report.markdown.contains("<img"))
        #expect(report.markdown.contains(#"&lt;script&gt;"#) && report.markdown.contains(#"\|\*a\*"#))
    }

    @Test func `Markdown has the figures that the page has`() async throws {
        let report = try page([("a", try await Fixtures.load()), ("map", Fixtures.comparison())])
        let markup = ParsedPage(report.html)
        let text = report.markdown
        let cells = ["td", "th", "dd", "h2", "h3"].flatMap { markup.named($0) }.map { Markdown.escaped($0.text) }
        let missing = Set(cells).filter { !$0.isEmpty && !text.contains($0) }
        #expect(missing == [])
        #expect(markup.named("td").count > 150)
        // It is counted, and has no times.
        #expect(
            text.contains("written by stateless") && text.contains("| whole-state |") && !text.contains("| stateless |")
        )
        #expect(text.contains("stateline load --store redis://host 'it'\\\\''s'"))
        #expect(!text.contains("secret") && !report.html.contains("secret"))
    }

    @Test func `two loads are told apart where their intervals are`() async throws {
        let base = try await Fixtures.load()
        func run(_ longest: Int, void: Bool = false, seed: Int = 1) throws -> String {
            let times = try Fixtures.times(longest: longest, count: 20_000)
            return try Fixtures.load(base) { root in
                for name in ["intended", "service"] { root[name] = times }
                root["is_void"] = void
                root["seed"] = seed
            }
        }
        func verdicts(_ first: String, _ second: String) throws -> (cells: [[String]], page: ParsedPage) {
            let report = try page([("a", first), ("b", second)])
            return (Self.rows(of: report.markdown) { $0.contains("intended p") }, ParsedPage(report.html))
        }
        let (slower, shown) = try verdicts(try run(100_000), try run(150_000))
        #expect(shown.failure == nil)
        #expect(slower.map(\.[0]) == ["intended p50", "intended p90", "intended p99", "intended p99.9"])
        for row in slower {
            #expect(row[3] == "+50 %")
            #expect(row.last == "slower")
        }
        // The median of 20,000 even times lies within 0.8 % of all of them.
        #expect(slower[0][4].hasPrefix("+4"))
        #expect(slower[0][4].contains("… +5"))
        #expect(try verdicts(try run(150_000), try run(100_000)).cells.allSatisfy { $0.last == "faster" })
        #expect(try verdicts(try run(100_000), try run(100_900)).cells[0].last == "no verdict")
        let void = try verdicts(try run(100_000), try run(200_000, void: true, seed: 2))
        #expect(void.cells.map(\.last) == Array(repeating: "no verdict", count: 4))
        #expect(void.cells.map(\.[4]) == Array(repeating: "-", count: 4))
        let warnings = void.page.elements.filter { $0.attributes["class"] == "warning" }.map(\.text)
        #expect(warnings.contains { $0.contains("latencies of a run are void") })
        #expect(warnings.contains { $0.contains("seed 1 and 2") })
    }

    @Test func `a comparison says which side is better, and nothing on a busy machine`() throws {
        func last(_ load: Double) throws -> [String] {
            let text = try page([("map", Fixtures.comparison(load: load))]).markdown
            let isCase = { (line: Substring) in ["| ns |", "| us |", "ops"].contains { line.contains($0) } }
            return Self.rows(of: text, where: isCase).map { $0[$0.count - 1] }
        }
        #expect(try last(0.4) == ["ours, 2x", "no verdict", "theirs, 2x", "ours, 1.5x"])
        #expect(try last(3.1) == ["void", "void", "void", "void"])
    }

    @Test func `a file that is no run says so, by name and in one line`() async throws {
        func failure(_ text: String) throws -> String {
            let error = try #require(throws: ReportError.self) { try RunFile(text, path: "runs/x.json") }
            return error.description
        }
        #expect(try failure("no JSON").hasPrefix("runs/x.json is not JSON: give the output of 'stateline load --json'"))
        #expect(try failure("").hasPrefix("runs/x.json is not JSON"))
        #expect(try failure("[1]").hasPrefix("runs/x.json is neither a load nor a comparison"))
        #expect(try failure(#"{"a":1}"#).hasPrefix("runs/x.json is neither"))
        #expect(
            try failure(#"{"cases":[{"case":1}],"load":1,"machine":{}}"#).contains("whose 'cases.0.case' is missing")
        )
        let load = try await Fixtures.load(sessions: 1)
        let without = try Fixtures.load(load) { $0["sent_tokens"] = nil }
        #expect(try failure(without).contains("'sent_tokens'"))
        let idle = try Fixtures.load(load) { $0["turns"] = 0 }
        #expect(try failure(idle).hasPrefix("runs/x.json is a load in which no turn ended: run it again with "))
        #expect(throws: ReportError.nothing) { try RunReport([]) }
    }

    @Test func `figures that nothing measures do no harm`() async throws {
        let load = try Fixtures.load(try await Fixtures.load()) { root in
            var buckets = root["history"] as? [[String: Any]] ?? []
            let stages = buckets[0]["stages"] as? [String: Any] ?? [:]
            buckets[0]["stages"] = stages.mapValues { _ in 1e308 }
            root["history"] = buckets
            for name in ["sent_tokens", "new_tokens", "store_bytes_written"] { root[name] = Int.min }
            for name in ["turns", "errors"] { root[name] = Int.max }
        }
        let markup = ParsedPage(try page([("a", load)]).html)
        #expect(markup.failure == nil)
        #expect(markup.named("desc").contains { $0.text.hasPrefix("Mean time of the state layer") })
    }

    @Test func `a load without details has its figures`() async throws {
        let load = try Fixtures.load(try await Fixtures.load()) { root in
            for key in ["history", "amplifications", "command", "baselines"] { root[key] = [Any]() }
        }
        let report = try page([("old", load), ("old", load), ("other", load)])
        let markup = ParsedPage(report.html)
        #expect(markup.failure == nil)
        #expect(markup.named("h2").map(\.text).count == 4)
        #expect(markup.named("p").contains { $0.text.hasSuffix("old (2)") })
    }
}
