// SPDX-License-Identifier: Apache-2.0

/// What an image may claim and what looking at it may cost.
public struct ImageLimits: Sendable, Hashable {
    /// The largest disk a guest may see, in bytes.
    public var virtualBytesMax: Int
    /// Internal snapshots in a qcow2 file; 0 forbids them.
    public var snapshotsMax: Int

    public init(virtualBytesMax: Int, snapshotsMax: Int) {
        self.virtualBytesMax = virtualBytesMax
        self.snapshotsMax = snapshotsMax
    }

    /// 16 TiB and no snapshots.
    public static let standard = ImageLimits(virtualBytesMax: 1 << 44, snapshotsMax: 0)

    /// The most that is read at once, in bytes: QEMU's own limit of a qcow2 file's first table.
    public static let readBytesMax = 32 << 20
    /// Members of a tar archive that are looked at.
    static let tarMembersMax = 10_000
    /// Length of a VMDK descriptor, in bytes.
    static let descriptorBytesMax = 1 << 20
    /// Extensions of a qcow2 header.
    static let extensionsMax = 64
}
