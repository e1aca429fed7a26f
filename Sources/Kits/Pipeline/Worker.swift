// SPDX-License-Identifier: Apache-2.0
import Attestation
public import BlobStore
public import Events
import FoundationEssentials
import Glibc
public import Logging
import ServiceLifecycle
import UnixSignals

/// The whole of a worker's main function: configuration, logging, connection, work, shutdown.
public enum Worker {
    /// Reads the configuration and handles the stage's events until SIGTERM or SIGINT.
    ///
    /// Exit codes: 0 after a shutdown, 64 and 78 for a wrong command line or configuration, 70
    /// when a fatal error stopped the worker.
    ///
    /// - Parameter makeHandler: may throw ``ConfigurationError``, or any error that keeps the
    ///   worker from starting, such as a key that cannot be read.
    public static func run<Configuration: WorkerConfiguration>(
        _ stage: Stage, _ configuration: Configuration.Type,
        _ makeHandler: @escaping @Sendable (Configuration) async throws -> some Handler
    ) async -> Never {
        await start(stage, configuration) { configuration, part in
            Router(
                stage: stage, handler: try await makeHandler(configuration), broker: part.broker,
                store: part.store, options: part.options, attestor: part.attestor,
                logger: part.logger)
        }
    }

    /// As above, for a handler of batches.
    public static func run<Configuration: WorkerConfiguration>(
        _ stage: Stage, _ configuration: Configuration.Type,
        _ makeHandler: @escaping @Sendable (Configuration) async throws -> some BatchHandler
    ) async -> Never {
        await start(stage, configuration) { configuration, part in
            Router(
                stage: stage, batchHandler: try await makeHandler(configuration),
                broker: part.broker, store: part.store, options: part.options,
                attestor: part.attestor, logger: part.logger)
        }
    }

    /// What a router is made of, beside its handler.
    private struct Parts {
        var broker: AMQPBroker
        var store: BlobStore
        var options: RouterOptions
        var attestor: Attestor?
        var logger: Logger
    }

    private static func start<Configuration: WorkerConfiguration>(
        _ stage: Stage, _ type: Configuration.Type,
        _ makeRouter: (Configuration, Parts) async throws -> Router
    ) async -> Never {
        // A log reader or a peer that goes away is an error of one write, not the worker's end.
        signal(SIGPIPE, SIG_IGN)
        let settings = CommonSettings.worker + type.settings
        do {
            let values = try read(stage, settings)
            let configuration = try Configuration(values)
            let parts = try makeParts(stage, values)
            try await serve(try await makeRouter(configuration, parts), parts)
            exit(0)
        } catch let error as ConfigurationError {
            let lines = error.problems.count > 1 ? "\n\(error)" : " \(error)"
            complain("imprimatur-\(stage.rawValue):\(lines)\nSee --help.\n")
            exit(error.exitCode)
        } catch {
            complain("imprimatur-\(stage.rawValue): \(error)\n")
            exit(EX_SOFTWARE)
        }
    }

    /// The configuration; prints and exits for `--help` and `--version`.
    private static func read(
        _ stage: Stage, _ settings: [Setting]
    ) throws(ConfigurationError) -> SettingValues {
        let product = "imprimatur-\(stage.rawValue)"
        switch WorkerCommand(arguments: CommandLine.arguments.dropFirst(), settings: settings) {
        case .help:
            print(SettingHelp.worker(stage, settings: settings))
            exit(0)
        case .version:
            print("\(product) \(Version.text)")
            exit(0)
        case .run(let flags, let file, let problems):
            return try SettingSources(flags: flags, file: file).load(settings, problems: problems)
        }
    }

    private static func makeParts(
        _ stage: Stage, _ values: SettingValues
    ) throws(ConfigurationError) -> Parts {
        let options = try RouterOptions(values)
        let connection = try ConnectionSettings(values)
        let logger = bootstrapLogging(stage.rawValue, values)
        let store = try openStore(values)
        let attestor = try AttestationSetting.attestor(stage, values, logger)
        let broker = AMQPBroker(connection, name: "imprimatur-\(stage.rawValue)", logger: logger)
        return Parts(
            broker: broker, store: store, options: options, attestor: attestor, logger: logger)
    }

    /// The store at `store.path`.
    public static func openStore(
        _ values: SettingValues
    ) throws(ConfigurationError) -> BlobStore {
        let directory = try values.require("store.path")
        do throws(BlobStoreError) {
            return try BlobStore(directory: directory)
        } catch {
            throw values.problem("store.path", "cannot be used: \(error)")
        }
    }

    /// Sets up the process's logging from `log.level` and `log.format`.
    public static func bootstrapLogging(_ label: String, _ values: SettingValues) -> Logger {
        let level = values.string("log.level").flatMap { Logger.Level(rawValue: $0) } ?? .info
        let format = LogFormat(setting: values.string("log.format") ?? "auto")
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: level, format: format)
        }
        return Logger(label: label)
    }

    private static func serve(_ router: Router, _ parts: Parts) async throws {
        var quiet = parts.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: router, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        let result: Result<Void, any Error>
        do {
            result = .success(try await group.run())
        } catch {
            result = .failure(error)
        }
        await parts.broker.close()
        parts.logger.info("stopped")
        try result.get()
    }

    private static func complain(_ text: String) {
        LineLogHandler.standardError(text)
    }
}
