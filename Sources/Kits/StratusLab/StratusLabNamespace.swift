// SPDX-License-Identifier: Apache-2.0
public import XMLDocuments

/// The namespaces of StratusLab metadata.
public enum StratusLabNamespace {
    public static let rdf = XMLNamespace(
        prefix: "rdf", uri: "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    public static let dcterms = XMLNamespace(prefix: "dcterms", uri: "http://purl.org/dc/terms/")
    public static let slterms = XMLNamespace(
        prefix: "slterms", uri: "http://mp.stratuslab.eu/slterms#")
    public static let slreq = XMLNamespace(prefix: "slreq", uri: "http://mp.stratuslab.eu/slreq#")

    /// The value `xml:base` must have on the root, exactly.
    public static let base = "http://mp.stratuslab.eu/"
}
