// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Signatures
internal import XMLDocuments

extension MetadataDocument {
    /// The document that takes the place of this published one, unsigned: without signature and
    /// endorsement, and with slterms:deprecated set or dcterms:valid moved. All else stays,
    /// vocabulary that is unknown here too. The same input gives the same bytes, so that whoever
    /// signs can compute what is to be signed.
    ///
    /// A SHA-1 digest in the signature is accepted, as StratusLab's own tool wrote it: the new
    /// one is stronger.
    public func revised(
        _ revision: DocumentRevision
    ) throws(RevisionRefusal) -> MetadataDocument {
        let published: MetadataEndorsement
        switch verdict(allowsSHA1Digest: true) {
        case .valid(let endorsement, _, _): published = endorsement
        case .invalid(let findings): throw .invalidDocument(findings)
        }
        guard identifier == revision.identifier else { throw .otherImage(identifier: identifier) }
        guard revision.requestTime > published.created else {
            throw .notLater(than: published.created)
        }
        if revision.change == .renewed, let reason = fields.deprecated {
            throw .withdrawn(reason: reason)
        }
        do {
            return try rewritten(revision)
        } catch {
            throw .unwritable(error)
        }
    }

    private func rewritten(
        _ revision: DocumentRevision
    ) throws(StratusLabError) -> MetadataDocument {
        var expected = fields
        expected.endorsement = nil
        let tree = try Self.tree(bytes)
        try MetadataWriter.clearEndorsement(tree)
        switch revision.change {
        case .withdrawn:
            let reason = revision.reason ?? ""
            expected.deprecated = reason
            try MetadataWriter.set("deprecated", in: StratusLabNamespace.slterms, of: tree, reason)
        case .renewed:
            let days = revision.validDays ?? MetadataFields.validDaysDefault
            let valid = revision.requestTime.adding(days: days)
            expected.valid = valid
            try MetadataWriter.set(
                "valid", in: StratusLabNamespace.dcterms, of: tree, valid.description)
        }
        let revised = try MetadataDocument(parsing: try MetadataWriter.serialise(tree))
        guard revised.contentFindings.isEmpty else {
            throw .invalidDocument(revised.contentFindings)
        }
        // What a reader sees is what was asked for, and nothing else has changed.
        guard revised.fields == expected, !revised.isSigned else {
            throw .notMetadata(element: "rdf:Description", reason: "has ambiguous elements")
        }
        return revised
    }
}

extension MetadataWriter {
    /// Strips signatures and empties the endorsement.
    fileprivate static func clearEndorsement(_ tree: XMLDocument) throws(StratusLabError) {
        do {
            for signature in try XMLSignature.elements(in: tree) { signature.remove() }
            let slreq = StratusLabNamespace.slreq
            for element in try tree.root.subtree where element.isNamed("endorsement", in: slreq) {
                element.removeContent()
            }
        } catch {
            throw .malformed(error)
        }
    }

    /// Gives an element of rdf:Description a new text; it is added behind the others when there is
    /// none.
    fileprivate static func set(
        _ name: String, in namespace: XMLNamespace, of tree: XMLDocument, _ text: String
    ) throws(StratusLabError) {
        do {
            let root = try tree.root
            let descriptions = root.children("Description", in: StratusLabNamespace.rdf)
            guard let description = descriptions.first else { return }
            if let element = description.children(name, in: namespace).first {
                element.removeContent()
                try element.append(text: text)
                return
            }
            try description.append(text: "    ")
            // Declared on the element itself where the document does not declare it.
            try description.append(
                name, in: XMLNamespace(prefix: "", uri: namespace.uri), text: text)
            try description.append(text: "\n    ")
        } catch {
            throw .malformed(error)
        }
    }
}
