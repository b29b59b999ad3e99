#if Redis
internal import ArgumentParser

/// `stateline store`.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look at where sessions are kept.",
        discussion: """
            EXAMPLES:
              stateline store check redis://127.0.0.1:6379    whether sessions are safe there, and what to change
              stateline store acl                             the rights that the store needs, command by command
            """,
        subcommands: [StoreCheckCommand.self, StoreAccessCommand.self]
    )
}
#endif
