// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import Testing

@Suite struct SwapTests {
    @Test func partitionsAndVolumesAreFoundWithoutARoot() async throws {
        let volumes = [
            GuestFacts.Volume(
                name: "partition 2", offset: 1 << 20, size: 512 << 20, content: "swap"),
            GuestFacts.Volume(name: "vg0/swap", offset: nil, size: 64 << 20, content: "swap"),
            GuestFacts.Volume(
                name: "partition 3", offset: 1 << 30, size: 1 << 20, content: "empty"),
        ]
        let facts = MadeGuest.facts(hasRoot: false, volumes: volumes)
        #expect(
            try await MadeGuest.findings("swap", facts) == [
                "-: partition 2 is swap space of 512 MiB", "-: vg0/swap is swap space of 64 MiB",
            ])
        #expect(try await MadeGuest.findings("swap", MadeGuest.facts()) == [])
    }

    @Test(arguments: [
        ("/swapfile none swap sw 0 0", "swaps on /swapfile"),
        ("UUID=1-2\tnone\tswap\tdefaults\t0\t0", "swaps on UUID=1-2"),
        ("  LABEL=swap none swap", "swaps on LABEL=swap"), ("# /swapfile none swap sw 0 0", nil),
        ("/dev/zram0 none swap sw 0 0", nil), ("/dev/vda1 /swap ext4 defaults 0 1", nil),
        ("/dev/vda1 none", nil),
    ])
    func fstab(line: String, message: String?) async throws {
        let facts = MadeGuest.facts(["/etc/fstab": "proc /proc proc defaults 0 0\n\(line)\n"])
        #expect(
            try await MadeGuest.findings("swap", facts)
                == (message.map { ["/etc/fstab: line 2 \($0)"] } ?? []))
    }

    @Test func unitsAndFilesAreFound() async throws {
        let page = [UInt8](repeating: 0, count: 4_086) + Array("SWAPSPACE2".utf8)
        func file(_ path: String, _ bytes: [UInt8]) -> GuestFacts.Entry {
            GuestFacts.Entry(
                path: path, size: 1 << 30, content: Data(bytes).base64EncodedString(),
                isTruncated: true)
        }
        let facts = MadeGuest.facts(
            ["/etc/systemd/system/data.swap": "[Swap]\nWhat=/data\n"],
            [
                file("/swapfile", page), file("/swap.img", Array(page.reversed())),
                MadeGuest.link("/usr/lib/systemd/system/masked.swap", to: "/dev/null"),
            ])
        #expect(
            try await MadeGuest.findings("swap", facts) == [
                "/etc/systemd/system/data.swap: is a unit that swaps", "/swapfile: is a swap file",
            ])
    }
}
