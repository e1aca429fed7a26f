// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Our side of `make bench`: each command does one measured piece of work and prints its figures
/// as one line of JSON. `ops/bench/run` sets them beside their peers.
@main
struct BenchmarkTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imprimatur-benchmark",
        abstract: "Measures pieces of Imprimatur; run by ops/bench/run.",
        subcommands: [
            QueueCommand.self, PublishCommand.self, ConsumeCommand.self, StageCommand.self,
            LatencyCommand.self, OnceCommand.self, DigestCommand.self, DownloadCommand.self,
            DocumentCommand.self, SignCommand.self,
        ])
}
