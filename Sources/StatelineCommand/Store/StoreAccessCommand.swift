#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// `stateline store acl`.
struct StoreAccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl",
        abstract: "Print the access rights that the store needs on a Redis server.",
        discussion: """
            The first user is for agents: it can use the keys of sessions only, and can neither list nor flush keys. The \
            second user is for administrators, who list sessions.

            EXAMPLES:
              stateline store acl
              stateline store acl --namespace staging
              stateline store acl --file >> users.acl
            """
    )

    @Option(help: ArgumentHelp("Set the name of the user for agents.", valueName: "name"))
    var user = "stateline"

    @Option(
        help: ArgumentHelp(
            "Restrict the users to this namespace, as in redis://host?namespace=name.",
            valueName: "name"
        ),
        transform: { text in
            guard let namespace = RedisNamespace(text) else {
                throw ValidationError("--namespace must be 1 to 64 letters, digits, '-', '_' and '.'.")
            }
            return namespace
        }
    )
    var namespace: RedisNamespace?

    @Flag(help: "Print lines for an ACL file instead of commands.")
    var file = false

    func validate() throws {
        let isName =
            !user.isEmpty
            && user.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isName else { throw ValidationError("--user must be letters, digits, '-' and '_'.") }
    }

    func run() throws {
        let terminal = Terminal()
        for rules in [
            AccessRules(user: user, namespace: namespace),
            AccessRules(user: user + "-admin", isAdministrator: true, namespace: namespace),
        ] {
            try terminal.writeLine(file ? rules.fileLine : rules.commandLine)
        }
    }
}
#endif
