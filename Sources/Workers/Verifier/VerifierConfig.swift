// SPDX-License-Identifier: Apache-2.0
import Events
import ImageFile
import Pipeline
import Signatures

/// What the verifier can be told.
struct VerifierConfig: WorkerConfiguration {
    let policy: DigestPolicy
    /// Compute all digests from the stored bytes instead of believing the event.
    let recomputes: Bool
    /// What an image's own structure may claim.
    let limits: ImageLimits
    /// Whose signatures of checksum files are trusted.
    let signatures: SignatureCheck
    /// Who must sign.
    let demand: SignatureDemand

    static let settings: [Setting] = [
        Setting(
            "verifier.accepted-digests", .list, default: "sha256,sha512",
            help: "Algorithms of which one matching digest suffices: sha256, sha512."),
        Setting(
            "verifier.allow-weak", .flag, default: "true",
            help: "Let a request accept md5 or sha1 as its only evidence by naming it in"
                + " acceptWeakDigests."),
        Setting(
            "verifier.recompute", .flag, default: "true",
            help: "Compute all digests from the stored bytes, of the uncompressed image too,"
                + " instead of believing the fetcher."),
        Setting(
            "verifier.disk-size-max", .bytes(1...(1 << 50)), default: "16TiB",
            help: "The largest disk an image may hold, as a guest sees it."),
        Setting(
            "verifier.allow-snapshots", .flag, default: "false",
            help: "Let images pass that hold internal snapshots, which may hide old secrets."),
        Setting(
            "verifier.keyrings", .list,
            help: "Keys that may sign checksum files, as SOURCE=FILE: OpenPGP keys, armoured or"
                + " not, or a minisign public key. SOURCE is HOST or HOST/PATH-PREFIX, where HOST"
                + " may be *.DOMAIN or *."),
        Setting(
            "verifier.require-signature", .list,
            help: "Sources, written as in verifier.keyrings, whose checksum files have to be"
                + " signed by such a key, and whose images need a checksum file that is; *"
                + " stands for all."),
        Setting(
            "verifier.gpgv", .path, default: "gpgv",
            help: "The program that judges OpenPGP signatures: a path, or a name in PATH."),
    ]

    /// As many as QEMU itself reads.
    private static let snapshotsMax = 65_536

    init(_ values: SettingValues) throws(ConfigurationError) {
        let key = "verifier.accepted-digests"
        var accepted: Set<DigestAlgorithm> = []
        for name in values.list(key) {
            guard let algorithm = DigestAlgorithm(rawValue: name.lowercased()) else {
                throw values.problem(key, "'\(name)' is not one of sha256, sha512")
            }
            guard algorithm.isStrong else {
                throw values.problem(key, "'\(name)' is weak; see verifier.allow-weak")
            }
            accepted.insert(algorithm)
        }
        guard !accepted.isEmpty else { throw values.problem(key, "must name sha256 or sha512") }
        policy = DigestPolicy(accepted: accepted, allowsWeak: values.flag("verifier.allow-weak"))
        recomputes = values.flag("verifier.recompute")
        limits = ImageLimits(
            virtualBytesMax: try values.bytes("verifier.disk-size-max"),
            snapshotsMax: values.flag("verifier.allow-snapshots") ? Self.snapshotsMax : 0)
        signatures = SignatureCheck(
            keyrings: try Self.keyrings(values),
            gpgv: GPGV(program: try values.require("verifier.gpgv")))
        demand = try Self.demand(values)
    }

    private static let sourceForm = "is not HOST, HOST/PATH-PREFIX, *.DOMAIN or *"

    private static func keyrings(
        _ values: SettingValues
    ) throws(ConfigurationError) -> KeyringSettings {
        let key = "verifier.keyrings"
        var settings = KeyringSettings()
        for text in values.list(key) {
            guard let entry = KeyringSettings.Entry(text) else {
                throw values.problem(
                    key, "'\(text)' is not SOURCE=FILE, where SOURCE is HOST or HOST/PATH-PREFIX")
            }
            do throws(SignaturesError) {
                // Read again for each event; here only to tell of a mistake at once.
                _ = try PublicKeyFile(path: entry.path)
            } catch {
                throw values.problem(key, "\(entry.path): \(error)")
            }
            settings.entries.append(entry)
        }
        return settings
    }

    private static func demand(
        _ values: SettingValues
    ) throws(ConfigurationError) -> SignatureDemand {
        let key = "verifier.require-signature"
        var demand = SignatureDemand()
        for text in values.list(key) {
            guard let source = SourcePattern(text) else {
                throw values.problem(key, "'\(text)' \(sourceForm)")
            }
            demand.sources.append(source)
        }
        return demand
    }
}
