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
        /// A glob over absolute paths: `*` within one component, `**` any number of components.
        public var glob: String
        /// How many of a file's first bytes to read; 0 for none.
        public var contentBytesMax: Int

        public init(_ glob: String, contentBytesMax: Int = 0) {
            self.glob = glob
            self.contentBytesMax = contentBytesMax
        }
    }
}
