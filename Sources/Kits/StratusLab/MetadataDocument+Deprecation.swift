// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

extension MetadataDocument {
    /// The same document with `reason` in slterms:deprecated, for its endorser to sign. All else
    /// stays as it is, vocabulary that this kit does not know included; a signature no longer
    /// holds.
    ///
    /// - Throws: ``StratusLabError/missingField(_:)`` for an empty reason,
    ///   ``StratusLabError/invalidField(_:reason:)`` for one that XML cannot hold,
    ///   ``StratusLabError/notMetadata(element:reason:)``.
    public func deprecated(because reason: String) throws(StratusLabError) -> MetadataDocument {
        guard !reason.isEmpty else { throw .missingField("slterms:deprecated") }
        guard reason.utf8.count <= MetadataWriter.textBytesMax else {
            throw .invalidField(
                "slterms:deprecated",
                reason: "must have at most \(MetadataWriter.textBytesMax) bytes")
        }
        let tree = try Self.tree(bytes)
        do {
            let found = try tree.root.children("Description", in: StratusLabNamespace.rdf)
            guard found.count == 1, let description = found.first else {
                throw StratusLabError.notMetadata(
                    element: "rdf:Description", reason: "exactly one is needed")
            }
            try Self.set(reason, in: description)
        } catch let error as StratusLabError {
            throw error
        } catch let error as XMLDocumentsError {
            throw MetadataWriter.named(error)
        } catch {
            throw .notMetadata(element: "rdf:Description", reason: "\(error)")
        }
        return try MetadataDocument(parsing: try MetadataWriter.serialise(tree))
    }

    private static func set(_ reason: String, in description: XMLElement) throws {
        let slterms = StratusLabNamespace.slterms
        for old in description.children("deprecated", in: slterms) { old.remove() }
        do {
            try description.append("deprecated", in: slterms, text: reason)
        } catch XMLDocumentsError.invalidName {
            // No prefix stands for the namespace here.
            throw StratusLabError.notMetadata(
                element: "slterms:deprecated", reason: "the namespace slterms is not declared")
        }
    }
}
