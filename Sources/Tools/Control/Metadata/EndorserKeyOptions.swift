// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Signatures

/// Which key signs, and where its password or PIN comes from: never from the command line, which
/// every user of the machine can read.
struct EndorserKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("p12-cert"), parsing: .unconditional,
        help: ArgumentHelp(
            "PKCS#12 file; the variable STRATUSLAB_P12_CERTIFICATE or p12_certificate of the user "
                + "configuration, else ~/.globus/usercert.p12, when not given.",
            valueName: "file"))
    var p12Path: String?

    @Option(
        name: .customLong("p12-password-file"),
        help: ArgumentHelp(
            "File that holds its password; the variable IMPRIMATUR_P12_PASSWORD or "
                + "STRATUSLAB_P12_PASSWORD or p12_password of the user configuration when not "
                + "given, else it is asked for.", valueName: "file"))
    var p12PasswordPath: String?

    @Option(name: .customLong("p12-password"), parsing: .unconditional, help: .hidden)
    var p12Password: String?

    @Option(
        name: .customLong("p12-alias"),
        help: ArgumentHelp(
            "Which key of a PKCS#12 file with several, by its friendly name.", valueName: "name"))
    var p12Alias: String?

    @Option(
        help: ArgumentHelp("PEM file with the endorser's certificate.", valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("PEM file with its private key.", valueName: "file"))
    var key: String?

    @Option(
        help: ArgumentHelp(
            "File that holds the private key's password; the variable IMPRIMATUR_KEY_PASSWORD "
                + "when not given, else it is asked for when the key is encrypted.",
            valueName: "file"))
    var keyPasswordFile: String?

    @Option(
        name: .customLong("pkcs11-uri"),
        help: ArgumentHelp(
            "Key on a token (RFC 7512), such as 'pkcs11:token=endorser;object=key'. Its "
                + "certificate is on the token too, or given with --cert.", valueName: "uri"))
    var pkcs11URI: String?

    @Option(
        help: ArgumentHelp(
            "File that holds the token's PIN; the variable IMPRIMATUR_PIN when not given, else it "
                + "is asked for.", valueName: "file"))
    var pinFile: String?

    func validate() throws {
        guard p12Password == nil else {
            throw ValidationError(
                "a password on the command line can be read by others: give "
                    + "--p12-password-file or the variable IMPRIMATUR_P12_PASSWORD")
        }
        if key != nil, cert == nil { throw ValidationError("--key needs --cert") }
        if cert != nil, key == nil, pkcs11URI == nil {
            throw ValidationError("--cert needs --key or --pkcs11-uri")
        }
        guard [p12Path, key, pkcs11URI].count(where: { $0 != nil }) < 2 else {
            throw ValidationError("give one of --p12-cert, --key and --pkcs11-uri")
        }
        guard pkcs11URI?.contains("pin-value") != true else {
            throw ValidationError(
                "a PIN on the command line can be read by others: give --pin-file or the "
                    + "variable IMPRIMATUR_PIN")
        }
    }

    func load(_ configuration: UserConfigurationOptions) throws -> SigningIdentity {
        let source = try source(configuration)
        do {
            return try SigningIdentity(source)
        } catch {
            throw CommandFailure(.failed, Terminal.plain("\(source): \(error)"))
        }
    }

    private func source(_ configuration: UserConfigurationOptions) throws -> SigningKeySource {
        if let key, let cert {
            try requireReadable(key, "private key")
            try requireReadable(cert, "certificate")
            return .pem(certificatePath: cert, keyPath: key, password: try keyPassword(key))
        }
        if let pkcs11URI {
            if let cert { try requireReadable(cert, "certificate") }
            return .pkcs11(uri: pkcs11URI, pin: try pin(pkcs11URI), certificatePath: cert)
        }
        let path =
            try p12Path ?? configuration.value("p12_certificate")
            ?? (UserConfigurationOptions.variable("HOME") ?? "") + "/.globus/usercert.p12"
        try requireReadable(path, "PKCS#12")
        return .pkcs12(
            path: path, password: try p12Password(path, configuration), alias: p12Alias)
    }

    private func requireReadable(_ path: String, _ what: String) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw CommandFailure(.usage, "the \(what) file '\(path)' cannot be read")
        }
    }

    private func p12Password(
        _ path: String, _ configuration: UserConfigurationOptions
    ) throws -> String {
        if let p12PasswordPath { return try SecretFile.read(p12PasswordPath) }
        let variable = ProcessInfo.processInfo.environment["IMPRIMATUR_P12_PASSWORD"]
        if let password = try variable ?? configuration.value("p12_password") { return password }
        guard let password = PasswordPrompt.ask("PKCS12 (P12) cert '\(path)' password: ") else {
            throw CommandFailure(
                .usage,
                "no password: give --p12-password-file or the variable IMPRIMATUR_P12_PASSWORD")
        }
        return password
    }

    /// Largest private key in PEM.
    private static let keyBytesMax = 1 << 20

    /// nil for a key that is not encrypted.
    private func keyPassword(_ path: String) throws -> String? {
        if let keyPasswordFile { return try SecretFile.read(keyPasswordFile) }
        let environment = ProcessInfo.processInfo.environment
        if let password = environment["IMPRIMATUR_KEY_PASSWORD"] { return password }
        // A key that cannot be read now is the kit's to name.
        let bytes = (try? InputFile.read(path, bytesMax: Self.keyBytesMax)) ?? []
        guard String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") else { return nil }
        guard let password = PasswordPrompt.ask("Private key '\(path)' password: ") else {
            throw CommandFailure(
                .usage,
                "no password: give --key-password-file or the variable IMPRIMATUR_KEY_PASSWORD")
        }
        return password
    }

    /// nil when the URI itself says where the PIN is.
    private func pin(_ uri: String) throws -> String? {
        if let pinFile { return try SecretFile.read(pinFile) }
        let environment = ProcessInfo.processInfo.environment
        if let pin = environment["IMPRIMATUR_PIN"] { return pin }
        guard !uri.contains("pin-source") else { return nil }
        guard let pin = PasswordPrompt.ask("PIN for '\(Terminal.plain(uri))': ") else {
            throw CommandFailure(
                .usage, "no PIN: give --pin-file or the variable IMPRIMATUR_PIN")
        }
        return pin
    }
}
