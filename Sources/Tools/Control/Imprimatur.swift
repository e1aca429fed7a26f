// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import Pipeline

@main
struct Imprimatur: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imprimatur",
        abstract: "Publish endorsed images, and look after the pipeline that does it.",
        discussion: """
            A first image:
              imprimatur topology declare
              imprimatur publish --wait image.yaml

            The broker is amqp://127.0.0.1:5672/imprimatur unless --amqp-url, the variable \
            IMPRIMATUR_AMQP_URL or the configuration file says otherwise. Its password comes from \
            the file named by --amqp-password-file or from the variable IMPRIMATUR_AMQP_PASSWORD. \
            The configuration file is that of the workers, given with --config or in the variable \
            IMPRIMATUR_CONFIG. imprimatur --version shows the version.

            \(ExitStatus.table)
            """,
        subcommands: [
            PublishCommand.self, WithdrawCommand.self, RenewCommand.self, WatchCommand.self,
            ScanCommand.self, ReportCommand.self, ProvenanceCommand.self, TopologyCommand.self,
            DeadLettersCommand.self, StoreCommand.self, MetadataCommand.self,
        ])

    static func main() async {
        // A reader of our output that goes away is not a crash.
        signal(SIGPIPE, SIG_IGN)
        // Not the parser's: its flag would reach every subcommand, one of which has a --version
        // that is the image's.
        if CommandLine.arguments.dropFirst() == ["--version"] {
            Terminal.line("imprimatur \(Version.text)")
            return
        }
        let arguments = arguments(CommandLine.arguments.dropFirst())
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard let failure = CommandFailure(error, broker: broker(arguments)) else {
                exit(withError: error)
            }
            if !failure.description.isEmpty {
                Terminal.note("imprimatur: \(failure.description)")
            }
            Glibc.exit(failure.status.rawValue)
        }
    }

    /// The broker that the command was told of; nil when it needs none.
    private static func broker(_ arguments: [String]) -> ConnectionSettings? {
        let command = try? parseAsRoot(arguments)
        return try? (command as? any BrokerCommand)?.connection.settings()
    }

    /// `--wait` alone stands for `--wait=listed`: the argument parser has no options whose value
    /// may be left out without swallowing the file name behind them.
    static func arguments(_ arguments: some Sequence<String>) -> [String] {
        var isOption = true
        return arguments.map { argument in
            if argument == "--" { isOption = false }
            return isOption && argument == "--wait"
                ? "--wait=\(Milestone.listed.rawValue)" : argument
        }
    }
}
