// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

extension MetadataDocument {
    /// The longest listing, in bytes.
    public static let listingBytesMax = 1 << 23
    /// Most documents of one listing.
    public static let listingDocumentsMax = 1024

    /// The documents of a file: those inside `<metadata>`, the form of a marketplace's answers to
    /// queries, or the file itself when its root is another element.
    ///
    /// Each document comes out as the bytes of its element, so nothing of the wrapper holds for
    /// it, neither namespaces nor an XML declaration; what was published was whole without them.
    ///
    /// - Throws: ``StratusLabError/malformed(_:)``, or
    ///   ``StratusLabError/notMetadata(element:reason:)`` for a listing that holds something else,
    ///   nothing, or too much.
    public static func unwrapping(
        _ bytes: [UInt8]
    ) throws(StratusLabError) -> [UnwrappedMetadata] {
        let limits = XMLLimits(
            bytesMax: listingBytesMax, depthMax: XMLLimits.document.depthMax + 1,
            nodesMax: 1_000_000, attributesMax: XMLLimits.document.attributesMax)
        do {
            let tree = try XMLDocument.parse(bytes, limits: limits)
            let root = try tree.root
            guard root.name == "metadata", root.namespace.isEmpty else {
                return [UnwrappedMetadata(bytes: bytes, wasWrapped: false, line: 1)]
            }
            try checkListing(root)
            return slices(of: bytes)
        } catch let error as StratusLabError {
            throw error
        } catch let error as XMLDocumentsError {
            throw .malformed(error)
        } catch {
            throw .notMetadata(element: "metadata", reason: "\(error)")
        }
    }

    private static func slices(of bytes: [UInt8]) -> [UnwrappedMetadata] {
        var line = 1
        var counted = 0
        return XMLSource(bytes).childrenOfRoot.map { range in
            line += bytes[counted..<range.lowerBound].count { $0 == UInt8(ascii: "\n") }
            counted = range.lowerBound
            return UnwrappedMetadata(bytes: Array(bytes[range]), wasWrapped: true, line: line)
        }
    }

    private static func checkListing(_ root: XMLElement) throws(StratusLabError) {
        let documents = root.children
        for child in documents where !child.isNamed("RDF", in: StratusLabNamespace.rdf) {
            throw .notMetadata(
                element: "metadata",
                reason: "must hold rdf:RDF alone, found \(child.qualifiedName)")
        }
        guard !documents.isEmpty else {
            throw .notMetadata(element: "metadata", reason: "holds no document")
        }
        guard documents.count <= listingDocumentsMax else {
            throw .notMetadata(
                element: "metadata", reason: "holds more than \(listingDocumentsMax) documents")
        }
    }
}
