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
              stateline demo                      run ten turns, and show bytes sent again and costs
              stateline demo --turns 100 --json   print JSON
              stateline upstream --port 8080      serve the Chat Completions API without a model
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --boundary
              stateline store check redis://127.0.0.1:6379   check that sessions are safe
              stateline load --speed 1000         load of coding agents, 1000 times as fast
              stateline report run.json           make a page from the output of 'stateline load --json'
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

    /// Ends the process with the error of its arguments.
    ///
    /// The library quotes a value that it refuses, and a URL may hold a password: of a URL its scheme alone is shown.
    private static func refuse(_ error: any Error) -> Never {
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        var message = fullMessage(for: error)
        for argument in CommandLine.arguments.dropFirst() {
            let value = argument.hasPrefix("--") ? argument.drop { $0 != "=" }.dropFirst() : argument[...]
            guard let scheme = value.range(of: "://"), scheme.upperBound < value.endIndex else { continue }
            message = message.replacing(value, with: value[..<scheme.upperBound] + "…")
        }
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(withError: ExitCode.validationFailure)
    }

    /// Runs a subcommand; a failure is one line on standard error.
    static func main() async {
        let command: any ParsableCommand
        do { command = try parseAsRoot() } catch { refuse(error) }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let failure as Terminal.WriteFailure where failure.isClosedPipe {
            // The status of a process that SIGPIPE ends.
            exit(withError: ExitCode(128 + SIGPIPE))
        } catch let status as ExitCode {
            // The subcommand has printed its message.
            exit(withError: status)
        } catch {
            // A request for help is an error too; the library recognises its own errors by their status.
            if exitCode(for: error) != .failure { exit(withError: error) }
            Terminal.complain(error)
            exit(withError: ExitCode.failure)
        }
    }
}
