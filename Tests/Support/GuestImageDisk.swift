// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The disk a guest of the tests lies on.
public struct GuestDisk: Codable, Sendable, Hashable {
    public var layout: Layout
    public var fileSystem: FileSystem
    public var format: Format
    /// A swap partition, or a swap volume with ``Layout/lvm``; not with ``Layout/whole``.
    public var hasSwap: Bool
    /// Size of the root's file system; nil for what a tiny guest needs.
    public var mebibytes: Int?

    public init(
        _ layout: Layout = .gpt, _ fileSystem: FileSystem = .ext4, format: Format = .qcow2,
        hasSwap: Bool = false, mebibytes: Int? = nil
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.format = format
        self.hasSwap = hasSwap
        self.mebibytes = mebibytes
    }

    public enum Layout: String, Codable, Sendable, CaseIterable {
        /// The file system without a partition table.
        case whole
        /// One primary partition.
        case mbr
        /// The root in a logical partition.
        case mbrLogical
        /// One partition.
        case gpt
        /// As clouds' images are: root, BIOS boot partition and EFI system partition.
        case cloud
        /// `vg0/root` in one GPT partition.
        case lvm
    }

    public enum FileSystem: String, Codable, Sendable, CaseIterable {
        case ext4, xfs, btrfs
        /// With the root in a subvolume `root` and files compressed by zstd. Made by a loop
        /// mount: root's right, and the kernel's btrfs.
        case btrfsSubvolume

        /// Those that can be made here.
        public static let makeable = allCases.filter { $0 != .btrfsSubvolume || geteuid() == 0 }
    }

    public enum Format: String, Codable, Sendable, CaseIterable {
        case raw, qcow2
        /// Compressed by zlib.
        case qcow2Compressed
        /// Version 2, which old hypervisors need.
        case qcow2Version2
        case vmdk, vmdkStream, vdi
        /// Dynamic, of Virtual PC.
        case vhd
        case vhdx

        /// As `qemu-img` and the inspection call it.
        public var name: String {
            switch self {
            case .qcow2, .qcow2Compressed, .qcow2Version2: "qcow2"
            case .vmdk, .vmdkStream: "vmdk"
            case .vhd: "vpc"
            case .raw, .vdi, .vhdx: rawValue
            }
        }
    }
}
