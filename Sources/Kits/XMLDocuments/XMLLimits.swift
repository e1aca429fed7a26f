// SPDX-License-Identifier: Apache-2.0

/// What a document may cost at most. Counted while it is parsed, before nodes are made.
public struct XMLLimits: Sendable, Hashable {
    /// Length of the document in bytes.
    public var bytesMax: Int
    /// Levels of nested elements.
    public var depthMax: Int
    /// Elements, attributes, comments, processing instructions and pieces of text, together.
    public var nodesMax: Int
    /// Attributes and namespace declarations of one element.
    public var attributesMax: Int
    /// Whether processing instructions may stand anywhere.
    public var allowsInstructions: Bool

    public init(
        bytesMax: Int, depthMax: Int, nodesMax: Int, attributesMax: Int,
        allowsInstructions: Bool = true
    ) {
        self.allowsInstructions = allowsInstructions
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.nodesMax = nodesMax
        self.attributesMax = attributesMax
    }

    /// For small documents such as StratusLab metadata, which have about 3 KiB, depth 5 and 60
    /// elements.
    public static let document = XMLLimits(
        bytesMax: 1 << 20, depthMax: 32, nodesMax: 10_000, attributesMax: 64)
}
