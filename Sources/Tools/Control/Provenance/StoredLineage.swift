// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import FoundationEssentials
import StratusLab

/// The lineages that the signer has kept in the store.
struct StoredLineage {
    let store: BlobStore

    /// The lineage of a publication, or the newest of an image.
    ///
    /// - Parameter id: of the publication, or the image's StratusLab identifier.
    /// - Throws: ``CommandFailure`` when there is none; `BlobStoreError`.
    func find(_ id: String) async throws -> LineageDocument {
        if let publication = UUID(uuidString: id)?.uuidString.lowercased() {
            return try await read(LineageDocument.recordName, owner: publication, of: publication)
        }
        guard let identifier = StratusLabIdentifier(id)?.text else {
            throw CommandFailure(
                .usage,
                Terminal.plain(
                    "'\(id.prefix(80))' is neither a publication's id (a UUID) nor an image's "
                        + "identifier (\(StratusLabIdentifier.length) characters)"))
        }
        let owner = LineageDocument.recordOwner(identifier: identifier)
        var newest: (time: String, lineage: LineageDocument)?
        for publication in try store.recordNames(for: owner) {
            let lineage = try await read(publication, owner: owner, of: publication)
            guard lineage.data[BuiltMetadata.key]?["identifier"]?.string == identifier else {
                throw damaged("the image \(identifier)", "it is about another image")
            }
            // RFC 3339 in UTC: later texts are later times.
            let time = lineage.data[Fetched.key]?["requestTime"]?.string ?? ""
            if time >= newest?.time ?? "" { newest = (time, lineage) }
        }
        guard let newest else { throw absent("the image \(identifier)") }
        return newest.lineage
    }

    private func read(
        _ name: String, owner: String, of publication: String
    ) async throws -> LineageDocument {
        guard let blob = try store.recorded(name, for: owner) else {
            throw absent("publication \(publication)")
        }
        let bytes = try await store.read(blob, bytesMax: LineageDocument.bytesMax)
        guard let lineage = LineageDocument(parsing: bytes) else {
            throw damaged("publication \(publication)", "it is not a lineage")
        }
        guard lineage.publication == publication else {
            throw damaged("publication \(publication)", "it is of another publication")
        }
        return lineage
    }

    private func absent(_ what: String) -> CommandFailure {
        CommandFailure(
            .failed,
            "no lineage of \(what) in the store '\(store.directory)': nothing was signed, or long "
                + "ago, or with another store")
    }

    private func damaged(_ what: String, _ reason: String) -> CommandFailure {
        CommandFailure(.failed, "the lineage of \(what) in the store is damaged: \(reason)")
    }

    /// The attestations in the order of the stages' work, as they came.
    static func envelopes(_ lineage: LineageDocument) throws -> [String] {
        let section = lineage.data[Attestations.key]
        return try AttestedWay(of: lineage.data).stages.compactMap { stage in
            try section?[stage.rawValue].map { try JSONLine.text($0) }
        }
    }
}
