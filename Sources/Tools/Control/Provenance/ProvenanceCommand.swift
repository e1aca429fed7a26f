// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Attestation
import BlobStore
import Events
import FoundationEssentials

struct ProvenanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provenance",
        abstract: "Show what a published image came of, and who vouches for it.",
        discussion: """
            Prints a SLSA provenance statement (https://slsa.dev/provenance/v1) about a published \
            image: which file it was downloaded as, what the request asked for and what was done, \
            what was found in it, and by which programs. It is made of the lineage that the signer \
            kept when it signed.

            Each stage attests its work with a key of its own. --keys checks these attestations \
            again before anything is printed, and ends with 1 when one is missing or forged; \
            without it the store is believed. --attestations prints them instead, one DSSE \
            envelope a line, for other tools.

            Examples:
              imprimatur provenance --store-path /srv/imprimatur LHfKVPoHcv4oMirHU0KuOQc-TvI
              imprimatur provenance --keys /etc/imprimatur/attestation-keys \
            0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111

            A pair of keys for one stage, here the verifier:
              openssl genpkey -algorithm ed25519 -out verifier.key && chmod 600 verifier.key
              openssl pkey -in verifier.key -pubout -out verifier.pub
            The worker's attestation.keys is the directory of its verifier.key, the signer's \
            signer.attestation-keys the directory of fetcher.pub, verifier.pub, modifier.pub, \
            scanner.pub and metadata.pub.
            """)

    @Argument(
        help: ArgumentHelp(
            "The publication's id, as imprimatur publish prints it, or the image's identifier; of "
                + "an image published several times, the last time.", valueName: "id"))
    var id: String

    @Option(
        help: ArgumentHelp(
            "Check the attestations by the public keys in this directory, <stage>.pub.",
            valueName: "directory"))
    var keys: String?

    @Flag(help: "Print the stages' attestations: DSSE envelopes, one JSON object a line.")
    var attestations = false

    @Option(
        help: ArgumentHelp(
            "Who runs this pipeline, for the statement's builder.id.", valueName: "uri"))
    var builder = SLSAProvenance.builderDefault

    @OptionGroup var store: StoreOptions
    @OptionGroup var file: ConfigurationFileOption

    func run() async throws {
        let lineage = try await StoredLineage(store: try store.open(config: file.config)).find(id)
        if let keys { try check(lineage, by: keys) }
        if attestations {
            for line in try StoredLineage.envelopes(lineage) { Terminal.line(line) }
            return
        }
        guard AttestedWay(of: lineage.data) == .image else {
            throw CommandFailure(.failed, Terminal.plain(revised(lineage)))
        }
        let statement = try SLSAProvenance(lineage, builder: builder).statement()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.line(String(decoding: try encoder.encode(statement), as: UTF8.self))
    }

    private func check(_ lineage: LineageDocument, by directory: String) throws {
        let keys: AttestationKeys
        do {
            keys = try AttestationKeys(directory: directory)
        } catch {
            throw CommandFailure(.usage, Terminal.plain("--keys: \(error)"))
        }
        do {
            try lineage.chain.check(by: keys)
        } catch let breach as AttestationBreach {
            let evidence = breach.evidence.sorted { $0.key < $1.key }
                .map { "\n  \(Terminal.plain("\($0.key): \($0.value)"))" }.joined()
            throw CommandFailure(
                .failed,
                Terminal.plain("not attested (\(breach.rule.rawValue)): \(breach.message)")
                    + evidence)
        }
    }

    private func revised(_ lineage: LineageDocument) -> String {
        let revision = lineage.data[DocumentRevision.key]
        let identifier = revision?["identifier"]?.string ?? "an image"
        let change = revision?["change"]?.string ?? "revised"
        return "in publication \(lineage.publication) the document of \(identifier) was \(change);"
            + " for the image itself ask for imprimatur provenance \(identifier)"
    }
}
