// SPDX-License-Identifier: Apache-2.0
public import Signatures
public import XMLDocuments

/// Why a metadata document cannot be read, built or signed. All cases are final for the input,
/// except ``signing(_:)``, which is the signer's own trouble.
public enum StratusLabError: Error, Sendable, Hashable {
    /// Not XML, or XML that is refused.
    case malformed(XMLDocumentsError)
    /// XML, but not a StratusLab metadata document.
    case notMetadata(element: String, reason: String)
    /// A value that the document needs is absent or empty.
    case missingField(String)
    /// A value cannot be written into the document.
    case invalidField(String, reason: String)
    /// The key or the certificate cannot be used.
    case signing(SignaturesError)
    /// The document does not pass its own validation.
    case invalidDocument([MetadataFinding])
}

extension StratusLabError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error): "\(error)"
        case .notMetadata(let element, let reason):
            "not a StratusLab metadata document: \(element): \(reason)"
        case .missingField(let name): "\(name) is required"
        case .invalidField(let name, let reason): "\(name) \(reason)"
        case .signing(let error): "\(error)"
        case .invalidDocument(let findings):
            "the document is invalid: " + findings.map(\.description).joined(separator: "; ")
        }
    }
}
