// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import Logging
import Pipeline

/// The file that workers and this command read alike.
struct ConfigurationFileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file, as for the workers; the variable IMPRIMATUR_CONFIG when not "
                + "given.", valueName: "file"))
    var config: String?
}

/// How to reach the broker: the settings `amqp.*` of the workers.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var file: ConfigurationFileOption

    @Option(help: "Broker as amqp[s]://[user@]host[:port]/vhost; no password in here.")
    var amqpURL: String?

    @Option(help: "User name.")
    var amqpUser: String?

    @Option(help: ArgumentHelp("File that holds the user's password.", valueName: "file"))
    var amqpPasswordFile: String?

    @Option(help: ArgumentHelp("CA certificates (PEM) for amqps.", valueName: "file"))
    var amqpCAFile: String?

    @Option(help: ArgumentHelp("Client certificate (PEM).", valueName: "file"))
    var amqpCertificateFile: String?

    @Option(help: ArgumentHelp("The client certificate's key (PEM).", valueName: "file"))
    var amqpKeyFile: String?

    func settings() throws(ConfigurationError) -> ConnectionSettings {
        let flags = [
            "amqp.url": amqpURL, "amqp.user": amqpUser, "amqp.password-file": amqpPasswordFile,
            "amqp.ca-file": amqpCAFile, "amqp.certificate-file": amqpCertificateFile,
            "amqp.key-file": amqpKeyFile,
        ]
        let sources = SettingSources(flags: flags.compactMapValues { $0 }, file: file.config)
        return try ConnectionSettings(try sources.load(ConnectionSettings.settings))
    }
}

extension ConnectionOptions {
    /// What the AMQP kit connects with; the broker's tools show the command's name.
    func configuration(_ command: String) throws(ConfigurationError) -> ConnectionConfiguration {
        try settings().configuration(name: "imprimatur \(command)")
    }

    /// For connections whose trouble ends the command, which then tells it itself.
    static let logger = Logger(label: "imprimatur") { label in
        LineLogHandler(label: label, level: .error, format: .text)
    }

    /// For connections that mend themselves: tells on standard error why nothing happens.
    static let patientLogger = Logger(label: "imprimatur") { label in
        LineLogHandler(label: label, level: .warning, format: .text)
    }
}

/// A command that talks to the broker, so that its failure can say to which.
protocol BrokerCommand {
    var connection: ConnectionOptions { get }
}
