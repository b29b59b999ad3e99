#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// `stateline store acl`.
struct StoreAccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl",
        abstract: "Print the rights that the store needs of a Redis, command by command.",
        discussion: """
            The first user is for agents: it sees no key but sessions', and can neither list nor flush anything. The \
            second one is for administrators, who list sessions.

            EXAMPLES:
              stateline store acl
              stateline store acl --namespace staging
              stateline store acl --file >> users.acl
            """
    )

    @Option(help: ArgumentHelp("The name of the user for agents.", valueName: "name"))
    var user = "stateline"

    @Option(
        help: ArgumentHelp(
            "The namespace that the users see, as in redis://host?namespace=name.",
            valueName: "name"
        ),
        transform: { text in
            guard let namespace = RedisNamespace(text) else {
                throw ValidationError("--namespace is 1 to 64 letters, digits, '-', '_' and '.'.")
            }
            return namespace
        }
    )
    var namespace: RedisNamespace?

    @Flag(help: "Print lines for a file of users instead of commands.")
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
        guard isName else { throw ValidationError("--user is of letters, digits, '-' and '_'.") }
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
