internal import ArgumentParser
internal import Foundation

/// The executable `stateline`.
@main
struct Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stateline",
        abstract: "The line between stateful sessions and stateless model calls: explicit, measured and fast.",
        discussion: """
            EXAMPLES:
              stateline demo                      what a session of ten turns sends again, and what it costs
              stateline demo --turns 100 --json   the same for programs
              stateline upstream --port 8080      a model server of the Chat Completions API, without a model
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --boundary
              stateline store check redis://127.0.0.1:6379   whether sessions are safe there
              stateline load --speed 1000         what coding agents cost, a thousand times as fast
              stateline report run.json           a page of what 'stateline load --json' printed
            """,
        version: "0.1.0",
        subcommands: subcommands
    )

    private static var subcommands: [any ParsableCommand.Type] {
        let everywhere: [any ParsableCommand.Type] = [
            DemoCommand.self, ChatCommand.self, UpstreamCommand.self, LoadCommand.self,
            ReportCommand.self,
        ]
        #if Redis
        return everywhere + [StoreCommand.self]
        #else
        return everywhere
        #endif
    }

    /// Runs a subcommand; whatever fails is one line on standard error.
    static func main() async {
        let command: any ParsableCommand
        do { command = try parseAsRoot() } catch { exit(withError: error) }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let failure as Terminal.WriteFailure where failure.isClosedPipe {
            // The status of a process that the pipe's signal ended.
            exit(withError: ExitCode(128 + SIGPIPE))
        } catch let status as ExitCode {
            // What there is to say has been said.
            exit(withError: status)
        } catch {
            // Help is asked for by an error too: the library knows its own by their status.
            if exitCode(for: error) != .failure { exit(withError: error) }
            Terminal.complain(error)
            exit(withError: ExitCode.failure)
        }
    }
}
