// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Raw images whose files a shell makes, for what ``GuestImage`` cannot express.
enum ScriptedImage {
    /// `image` in a fresh folder: one file system with what the script makes in its folder.
    static func made(
        _ script: String, _ fileSystem: GuestDisk.FileSystem
    ) async throws -> TemporaryDirectory {
        let make =
            switch fileSystem {
            case .ext4: "mke2fs -q -t ext4 -d tree -F image"
            case .xfs: "cp -a tree/. . && \(Self.xfs)"
            case .btrfs, .btrfsSubvolume: "mkfs.btrfs -q --rootdir tree image"
            }
        return try await shell(
            """
            truncate -s 320M image && mkdir tree && (cd tree && \(script)) && \(make)
            """)
    }

    /// mkfs.xfs takes files by a prototype, in which names cannot hold just anything; a name of
    /// the same length is exchanged afterwards.
    private static let xfs = """
        : > empty && printf '/\\n0 0\\nd--755 0 0\\netc d--755 0 0\\naXb ---666 0 0 empty\\n$\\n\
        usr d--755 0 0\\n$\\n$\\n' > proto && mkfs.xfs -q -p proto image && \
        LC_ALL=C sed -i 's/aXb/a\\xffb/' image
        """

    /// ESP, root, swap, home and nothing in five partitions; the last one logical.
    static func partitioned() async throws -> TemporaryDirectory {
        try await shell(
            """
            truncate -s 64M image
            printf '%s\\n' 'label: dos' 'label-id: 0x1234abcd' \
                'start=2048, size=16384, type=ef' 'start=18432, size=40960, type=83' \
                'start=59392, size=8192, type=82' 'start=67584, type=5' \
                'start=69632, size=20480, type=83' 'start=92160, type=83' | sfdisk -q image
            mkdir -p root/etc root/usr/lib root/boot/efi root/home home/me/.ssh
            echo ID=test > root/usr/lib/os-release
            echo secret > home/me/.ssh/key
            : > root/boot/efi/hidden
            printf '%s\\n' '# comment' 'UUID=ABCD-1234 /boot/efi vfat defaults 0 0' \
                'PARTUUID=1234abcd-02 / ext4 defaults 0 0' '/dev/vda3 none swap sw 0 0' \
                'LABEL=homes /home ext4 nodev 0 0' 'UUID=9f9f /gone ext4 defaults 0 0' \
                'tmpfs /srv tmpfs defaults 0 0' > root/etc/fstab
            mke2fs -q -t ext4 -d root -E offset=$((18432 * 512)) -F image 20M
            mke2fs -q -t ext4 -L homes -d home -E offset=$((69632 * 512)) -F image 10M
            truncate -s 8M efi && mkfs.vfat -i abcd1234 efi > /dev/null && : > hidden
            mmd -i efi ::EFI && mcopy -i efi hidden ::EFI/hidden
            dd if=efi of=image bs=1M seek=1 conv=notrunc status=none
            truncate -s 4M swap && mkswap swap > /dev/null 2>&1
            dd if=swap of=image bs=512 seek=59392 conv=notrunc status=none
            """)
    }

    static func shell(_ script: String) async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let (status, output) = try await run(
            "fakeroot", ["sh", "-ec", "PATH=$PATH:/sbin:/usr/sbin; cd \(folder.path)\n\(script)"],
            timeout: .seconds(120))
        guard status == 0 else { throw Failure(description: output) }
        return folder
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
