// SPDX-License-Identifier: Apache-2.0

/// A namespace with the prefix it is written with.
public struct XMLNamespace: Sendable, Hashable {
    /// Empty for the default namespace.
    public var prefix: String
    public var uri: String

    public init(prefix: String, uri: String) {
        self.prefix = prefix
        self.uri = uri
    }

    /// The namespace of `xml:base` and `xml:lang`; bound to `xml` without a declaration.
    public static let xml = XMLNamespace(
        prefix: "xml", uri: "http://www.w3.org/XML/1998/namespace")
}
