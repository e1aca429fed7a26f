// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Signatures

/// Digests that are known already, and those that are not wanted. What is given is compared with
/// the image; `stratus-build-metadata` would believe it.
struct MetadataDigestOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The image's MD5, to be compared.", valueName: "hex"))
    var md5: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The image's SHA-1, to be compared.", valueName: "hex"))
    var sha1: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The image's SHA-256, to be compared.", valueName: "hex"))
    var sha256: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The image's SHA-512, to be compared.", valueName: "hex"))
    var sha512: String?

    @Flag(name: .customLong("no-md5"), help: "Leave out the MD5.")
    var withoutMD5 = false

    @Flag(name: .customLong("no-sha256"), help: "Leave out the SHA-256.")
    var withoutSHA256 = false

    @Flag(name: .customLong("no-sha512"), help: "Leave out the SHA-512.")
    var withoutSHA512 = false

    /// The digests to write.
    ///
    /// - Throws: ``CommandFailure`` when the image has another digest than the one given.
    func checksums(_ found: FourDigests) throws -> [DigestAlgorithm: String] {
        var checksums: [DigestAlgorithm: String] = [:]
        let all: [(DigestAlgorithm, String, given: String?, isUnwanted: Bool)] = [
            (.md5, found.md5, md5, withoutMD5), (.sha1, found.sha1, sha1, false),
            (.sha256, found.sha256, sha256, withoutSHA256),
            (.sha512, found.sha512, sha512, withoutSHA512),
        ]
        for (algorithm, digest, given, isUnwanted) in all {
            let given = given.flatMap { $0.isEmpty ? nil : $0 }
            if let given, given.lowercased() != digest {
                throw CommandFailure(
                    .failed,
                    "the image's \(algorithm.displayName) is \(digest), not \(given.prefix(160))")
            }
            if !isUnwanted || given != nil { checksums[algorithm] = digest }
        }
        return checksums
    }
}
