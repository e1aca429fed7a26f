// SPDX-License-Identifier: Apache-2.0
internal import Signatures
internal import XMLDocuments

/// What a marketplace has at an entry's place.
public enum MarketplacePresence: Sendable, Hashable {
    case absent
    /// This very document, perhaps written with other line ends, quotes or declaration.
    case same
    /// Another document.
    case other
}

extension MarketplaceClient {
    /// Whether `document` is already published, so that a repetition need not upload it again.
    public func presence(
        of document: [UInt8], at entry: MarketplaceEntry
    ) async throws(MarketplaceError) -> MarketplacePresence {
        guard let found = try await lookup(entry) else { return .absent }
        return found == document || Self.haveOneSignature(found, document) ? .same : .other
    }

    /// True when `found` is valid and has the signature of `document`: a signature holds for one
    /// canonical form only (https://www.w3.org/TR/xmldsig-core1/), so both then have that form.
    /// The original server writes documents anew, and its bytes may differ.
    private static func haveOneSignature(_ found: [UInt8], _ document: [UInt8]) -> Bool {
        guard let signature = signatureValue(of: document),
            signature == signatureValue(of: found),
            let parsed = try? MetadataDocument(parsing: found)
        else { return false }
        return parsed.verdict(allowsSHA1Digest: true).isValid
    }

    private static func signatureValue(of document: [UInt8]) -> String? {
        let values = (try? XMLDocument.parse(document).root.subtree)?
            .filter { $0.isNamed("SignatureValue", in: XMLSignature.namespace) }
        guard let values, values.count == 1 else { return nil }
        return values[0].text.filter { !$0.isWhitespace }
    }
}
