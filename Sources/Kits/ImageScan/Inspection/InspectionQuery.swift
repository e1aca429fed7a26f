// SPDX-License-Identifier: Apache-2.0

/// What an inspection is to look for in the guest's file systems, as data: the union of what the
/// checks need. Setuid and setgid files, and what everybody may write to without the sticky bit,
/// are always among the entries.
public struct InspectionQuery: Codable, Sendable, Hashable {
    /// Entries to report.
    public var paths: [Pattern]

    public init(paths: [Pattern] = []) {
        self.paths = paths
    }

    public struct Pattern: Codable, Sendable, Hashable {
        /// A glob over absolute paths: `*` any part of one component, also a leading dot; `**`
        /// any number of components, also none.
        ///
        /// Without `**`, it is followed through links as the guest would, never out of the guest:
        /// both a link and what it leads to are reported. With it, each entry is reported whose
        /// path without links matches.
        public var glob: String
        /// How many of a file's first bytes to read; 0 for none.
        public var contentBytesMax: Int

        public init(_ glob: String, contentBytesMax: Int = 0) {
            self.glob = glob
            self.contentBytesMax = contentBytesMax
        }
    }
}
