// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Signatures

/// Certification authorities and their revocation lists.
struct AuthorityOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Certification authorities of endorsers: a PEM or DER file, or a directory as IGTF and "
                + "OpenSSL lay it out, with its revocation lists; may be repeated. The variable "
                + "IMPRIMATUR_CA, paths with : between them, when not given.",
            valueName: "path"))
    var ca: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Revocation lists: a file or a directory; may be repeated. The variable "
                + "IMPRIMATUR_CRL when not given.", valueName: "path"))
    var crl: [String] = []

    /// nil when no authority was named.
    func anchors() throws -> TrustAnchors? {
        let authorities = Self.paths(ca, "IMPRIMATUR_CA")
        let lists = Self.paths(crl, "IMPRIMATUR_CRL")
        guard !authorities.isEmpty else {
            guard lists.isEmpty else {
                throw CommandFailure(
                    .usage,
                    "revocation lists say nothing without --ca or the variable IMPRIMATUR_CA")
            }
            return nil
        }
        do {
            return try TrustAnchors(paths: authorities, crlPaths: lists)
        } catch {
            throw CommandFailure(.usage, Terminal.plain("\(error)"))
        }
    }

    private static func paths(_ given: [String], _ variable: String) -> [String] {
        guard given.isEmpty, let text = UserConfigurationOptions.variable(variable) else {
            return given
        }
        return text.split(separator: ":").map(String.init)
    }
}
