// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import StratusLab

extension Lineage {
    /// The document from the store, when it describes the image that was scanned.
    ///
    /// - Throws: ``LineageBreach``, or `BlobStoreError` when the store cannot be read now.
    func document(in store: BlobStore) async throws -> MetadataDocument {
        let bytes: [UInt8]
        do {
            bytes = try await store.read(built.document, bytesMax: MetadataDocument.bytesMax)
        } catch {
            guard !error.isTransient, !error.isFatal else { throw error }
            throw LineageBreach("document-damaged", "the metadata document: \(error)")
        }
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            throw LineageBreach("document-invalid", "\(error)")
        }
        if let finding = document.contentFindings.first {
            throw LineageBreach("document-invalid", "the metadata document: \(finding)")
        }
        try check(document)
        return document
    }

    private func check(_ document: MetadataDocument) throws(LineageBreach) {
        let image = modified.uncompressed
        let fields = document.fields
        try same(
            "identifier", "the document's identifier", document.identifier, "the event's",
            built.identifier)
        try same(
            "identifier", "the document's identifier", document.identifier, "the image's",
            StratusLabIdentifier(sha1: image.digests.sha1)?.text ?? "")
        try same(
            "size", "the document's size", fields.bytes.map { "\($0)" } ?? "none", "the image's",
            "\(image.size)")
        try same(
            "format", "the document's format", fields.format, "the image's",
            modified.format.rawValue)
        let compression = fields.compression.isEmpty ? "none" : fields.compression
        try same(
            "compression", "the document's compression", compression, "the image's",
            modified.compression.rawValue)
        for algorithm in DigestAlgorithm.allCases {
            guard let digest = fields.checksums[algorithm] else { continue }
            try same(
                "checksum", "the document's \(algorithm.displayName)", digest, "the image's",
                image.digests[algorithm])
        }
        guard fields.checksums.keys.contains(where: \.isStrong) else {
            throw LineageBreach("checksum", "the document has no SHA-256 or SHA-512")
        }
        try checkWaivers(fields.description)
    }

    /// Whoever reads the document learns of each waiver, and of no other.
    private func checkWaivers(_ description: String) throws(LineageBreach) {
        let named = Waiver.named(in: description)
        guard named == scanned.waived else {
            func list(_ waivers: [Waiver]) -> String {
                waivers.map(\.pair).joined(separator: "; ")
            }
            throw LineageBreach(
                "document-waivers", "the document's waivers are not those of the scan",
                evidence: ["found": list(named), "expected": list(scanned.waived)])
        }
    }
}
