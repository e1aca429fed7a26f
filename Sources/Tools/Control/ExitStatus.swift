// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import BlobStore
import Events
import Pipeline

/// How a command ends; scripts rely on it.
enum ExitStatus: Int32 {
    case success = 0
    /// What was asked about is not well: rejected, invalid, missing, damaged.
    case failed = 1
    /// The broker, the store or the marketplace cannot be reached or used.
    case unavailable = 2
    /// The documents are intact, but nobody said whose endorsers to trust.
    case unchecked = 3
    /// The image breaks the security policy.
    case findings = 4
    /// The command line or a file it names is wrong (`EX_USAGE`).
    case usage = 64
    /// No result: given up by the pipeline, or not within the time-out (`EX_TEMPFAIL`).
    case unfinished = 75
    /// The configuration file or environment is wrong (`EX_CONFIG`).
    case configuration = 78

    /// For `--help`.
    static let table = """
        EXIT STATUS:
          0    done, and what was asked about is well
          1    what was asked about is not: rejected, invalid, missing, damaged
          2    the broker, the store or the marketplace cannot be reached or used
          3    signatures intact, endorsers not checked: no --ca was given
          4    the image breaks the security policy: a check failed that nobody waives
          64   the command line, or a file it names, is wrong
          75   no result: parked in imprimatur.dead, or not within the time-out
          78   the configuration file or environment is wrong
        """
}

/// Why a command did not succeed, with the status it ends with.
struct CommandFailure: Error, CustomStringConvertible {
    var status: ExitStatus
    /// For people; empty when everything has been said.
    var description: String

    init(_ status: ExitStatus, _ description: String = "") {
        self.status = status
        self.description = description
    }

    /// The failure that an error stands for; nil for what the argument parser deals with.
    ///
    /// - Parameter broker: where the command looked for it, without a password.
    init?(_ error: any Error, broker: ConnectionSettings?) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as RequestFileError: self.init(.usage, "\(error)")
        case let error as EventError: self.init(.usage, "\(error)")
        case let error as ConfigurationError:
            self.init(ExitStatus(rawValue: error.exitCode) ?? .configuration, "\(error)")
        case let error as AMQPError:
            let place = broker.map { "broker \($0): " } ?? ""
            self.init(.unavailable, place + "\(error)" + Self.brokerHint)
        case let error as BlobStoreError: self.init(.unavailable, "\(error)")
        default: return nil
        }
    }

    private static let brokerHint = """

        Is it running, and is this its address? See --amqp-url, --config, and the variables \
        IMPRIMATUR_AMQP_URL and IMPRIMATUR_AMQP_PASSWORD.
        """
}
