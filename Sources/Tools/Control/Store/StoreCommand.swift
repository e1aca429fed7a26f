// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Check and tidy the artifact store.",
        subcommands: [StoreVerifyCommand.self, StoreCollectCommand.self])
}
