// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Signatures

/// Which key signs, and where its password comes from: never from the command line, which every
/// user of the machine can read.
struct EndorserKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("p12-cert"),
        help: ArgumentHelp(
            "PKCS#12 file; the variable STRATUSLAB_P12_CERTIFICATE, else "
                + "~/.globus/usercert.p12, when not given.", valueName: "file"))
    var path: String?

    @Option(
        name: .customLong("p12-password-file"),
        help: ArgumentHelp(
            "File that holds the password; the variable IMPRIMATUR_P12_PASSWORD when not given, "
                + "else it is asked for.", valueName: "file"))
    var passwordPath: String?

    @Option(name: .customLong("p12-password"), help: .hidden)
    var password: String?

    private static let passwordBytesMax = 4096

    func validate() throws {
        guard password == nil else {
            throw ValidationError(
                "a password on the command line can be read by others: give "
                    + "--p12-password-file or the variable IMPRIMATUR_P12_PASSWORD")
        }
    }

    func load() throws -> SigningIdentity {
        let environment = ProcessInfo.processInfo.environment
        let path =
            path ?? environment["STRATUSLAB_P12_CERTIFICATE"]
            ?? (environment["HOME"] ?? "") + "/.globus/usercert.p12"
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw CommandFailure(.usage, "the PKCS#12 file '\(path)' cannot be read")
        }
        let password = try readPassword(for: path, environment)
        do {
            return try SigningIdentity(pkcs12Path: path, password: password)
        } catch {
            throw CommandFailure(.failed, "\(path): \(error)")
        }
    }

    private func readPassword(
        for path: String, _ environment: [String: String]
    ) throws -> String {
        if let passwordPath {
            guard let data = FileManager.default.contents(atPath: passwordPath),
                data.count <= Self.passwordBytesMax
            else {
                throw CommandFailure(.usage, "the password file '\(passwordPath)' cannot be read")
            }
            let text = String(decoding: data, as: UTF8.self)
            return String(text.prefix { !$0.isNewline })
        }
        if let password = environment["IMPRIMATUR_P12_PASSWORD"] { return password }
        guard let password = PasswordPrompt.ask("PKCS12 (P12) cert '\(path)' password: ") else {
            throw CommandFailure(
                .usage,
                "no password: give --p12-password-file or the variable IMPRIMATUR_P12_PASSWORD")
        }
        return password
    }
}
