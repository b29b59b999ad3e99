/// The text format of names, labels and numbers.
enum PrometheusText {
    /// Returns a metric's name with its unit and, for a counter, `_total`.
    static func name(_ definition: MetricDefinition, isCounter: Bool) -> String {
        var name = identifier(definition.name)
        let unit = definition.unit.rawValue
        if !unit.isEmpty, !name.hasSuffix("_\(unit)") { name += "_\(unit)" }
        if isCounter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    /// Returns an identifier: letters, digits and underscores, without a digit first.
    static func identifier(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9": result += result.isEmpty ? "_\(scalar)" : "\(scalar)"
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }

    /// Escapes the characters that would end a line or, in a label, the value.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Returns the first bytes of a text, in whole scalars.
    static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= limit else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// Formats a number, without a fraction if it is whole.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return "\(whole)" }
        return "\(value)"
    }
}
