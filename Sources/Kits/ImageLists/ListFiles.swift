// SPDX-License-Identifier: Apache-2.0

/// The two files of a list, as they are committed together.
public struct ListFiles: Sendable, Hashable {
    /// Content of `<name>.txt`.
    public var list: [UInt8]
    /// Content of `<name>.changelog`.
    public var changelog: [UInt8]

    public init(list: [UInt8] = [], changelog: [UInt8] = []) {
        self.list = list
        self.changelog = changelog
    }
}
