internal import Foundation

extension LoadReport {
    /// `release` if the code was optimised, otherwise `debug`.
    static var currentBuild: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    /// Removes from an argument of a command line the parts of a URL that may be secret: its user, password and options.
    static func withoutCredentials(_ argument: String) -> String {
        guard let scheme = argument.range(of: "://") else { return argument }
        var rest = argument[scheme.upperBound...]
        // A password may hold any character unescaped, so it ends at the last sign of its end.
        if let end = rest.lastIndex(of: "@") { rest = rest[rest.index(after: end)...] }
        return String(argument[..<scheme.upperBound] + rest.prefix { $0 != "?" && $0 != "#" })
    }
}
