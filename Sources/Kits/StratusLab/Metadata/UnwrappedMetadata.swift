// SPDX-License-Identifier: Apache-2.0

/// One document of a file that may be a marketplace's listing.
public struct UnwrappedMetadata: Sendable, Hashable {
    /// The document's own bytes, as they stand in the file: what its signature holds for.
    public let bytes: [UInt8]
    /// True when it stood inside `<metadata>`. There no signature can be checked, since each
    /// covers a whole document.
    public let wasWrapped: Bool
    /// 1-based line of the file at which the document begins.
    public let line: Int

    init(bytes: [UInt8], wasWrapped: Bool, line: Int) {
        self.bytes = bytes
        self.wasWrapped = wasWrapped
        self.line = line
    }
}
