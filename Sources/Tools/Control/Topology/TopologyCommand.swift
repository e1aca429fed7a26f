// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import Events
import Pipeline

struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Make, check or print the broker's exchanges, queues and bindings.",
        discussion: """
            Examples:
              imprimatur topology declare --site ijclab --site in2p3
              imprimatur topology check
              imprimatur topology export > definitions.json
            """,
        subcommands: [
            TopologyDeclareCommand.self, TopologyCheckCommand.self, TopologyExportCommand.self,
        ])
}

struct TopologyDeclareCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "declare",
        abstract: "Make what is missing; what is there is left alone.",
        discussion: """
            Ends with 1 when something is there with other properties: that has to be deleted by \
            hand, since it may hold messages.
            """)

    @OptionGroup var options: TopologyOptions
    var connection: ConnectionOptions { options.connection }

    func run() async throws {
        let topology = try options.topology()
        let broker = Administration(
            try options.connection.configuration("topology"), logger: ConnectionOptions.logger)
        let findings = try await TopologyDeclaration(topology).declare(broker)
        await broker.close()
        for finding in findings { Terminal.line(Terminal.plain("\(finding)")) }
        guard findings.isEmpty else { throw CommandFailure(.failed) }
        Terminal.note(
            "\(topology.exchanges.count) exchanges, \(topology.queues.count) queues, "
                + "\(topology.bindings.count) bindings")
    }
}

struct TopologyCheckCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is missing or different.",
        discussion: """
            Ends with 1 when something is. Changes nothing. Bindings cannot be asked for over \
            AMQP; declare makes them anew at no cost.
            """)

    @OptionGroup var options: TopologyOptions
    var connection: ConnectionOptions { options.connection }

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let broker = Administration(
            try options.connection.configuration("topology"), logger: ConnectionOptions.logger)
        let findings = try await TopologyDeclaration(try options.topology()).check(broker)
        await broker.close()
        for finding in findings {
            let fields = ["kind": finding.kind, "name": finding.name, "reason": finding.reason]
            Terminal.line(json ? try JSONLine.text(fields) : Terminal.plain("\(finding)"))
        }
        guard findings.isEmpty else { throw CommandFailure(.failed) }
        if !json { Terminal.note("the topology is complete") }
    }
}

struct TopologyExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the topology as RabbitMQ definitions (JSON).",
        discussion: "For load_definitions in rabbitmq.conf, or rabbitmqctl import_definitions.")

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        let vhost = try options.connection.settings().vhost
        let definitions = TopologyDefinitions(try options.topology(), vhost: vhost)
        Terminal.write(String(decoding: try definitions.encoded(), as: UTF8.self), to: 1)
    }
}
