#if Redis
internal import ArgumentParser

/// `stateline store`.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Check a Redis server, and print the rights that the store needs.",
        discussion: """
            EXAMPLES:
              stateline store check redis://127.0.0.1:6379    check that sessions are safe on the server
              stateline store acl                             print the access rights that the store needs
            """,
        subcommands: [StoreCheckCommand.self, StoreAccessCommand.self]
    )
}
#endif
