// SPDX-License-Identifier: Apache-2.0

/// What a disk image's bytes are, told by the bytes alone. Raw values are qemu's names where it
/// has one.
public enum DiskFormat: String, Sendable, Hashable, CaseIterable, Codable {
    /// A disk's sectors as they are: whatever bears no other format's signature.
    case raw
    /// QEMU copy-on-write, version 2 or 3.
    case qcow2
    /// VMware virtual disk: sparse, stream-optimised, or a descriptor that names other files.
    case vmdk
    /// Microsoft Virtual PC, fixed or dynamic.
    case vpc
    /// Microsoft Hyper-V.
    case vhdx
    /// VirtualBox.
    case vdi
    /// ISO 9660, also when it can be started from a disk.
    case iso
    /// A tar archive, such as an OVA appliance.
    case tar
    /// A format that is recognised so that it never passes for raw: qcow 1, QED, LUKS, Parallels,
    /// DMG, or a compressed file.
    case other
}
