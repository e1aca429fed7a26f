// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile
import TestSupport
import Testing

/// Sound images of every kind: the same format and size as qemu-img sees, and nothing found.
@Suite(.timeLimit(.minutes(3))) struct GoodImageTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var format: String
        var options: [String] = []
        var expected: DiskFormat
        var testDescription: String { ([format] + options).joined(separator: " ") }
    }

    static let kinds = [
        Kind(format: "raw", expected: .raw),
        Kind(format: "qcow2", expected: .qcow2),
        Kind(format: "qcow2", options: ["-o", "compat=0.10"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-c"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-c", "-o", "compression_type=zstd"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-o", "cluster_size=512"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-o", "cluster_size=2M"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-o", "extended_l2=on"], expected: .qcow2),
        Kind(format: "qcow2", options: ["-o", "preallocation=metadata"], expected: .qcow2),
        Kind(format: "vmdk", expected: .vmdk),
        Kind(format: "vmdk", options: ["-o", "subformat=streamOptimized"], expected: .vmdk),
        Kind(format: "vpc", expected: .vpc),
        Kind(format: "vpc", options: ["-o", "subformat=fixed,force_size"], expected: .vpc),
        Kind(format: "vhdx", expected: .vhdx),
        Kind(format: "vhdx", options: ["-o", "subformat=fixed"], expected: .vhdx),
        Kind(format: "vdi", expected: .vdi),
        Kind(format: "vdi", options: ["-o", "static=on"], expected: .vdi),
    ]

    @Test(arguments: kinds) func agreesWithQEMU(_ kind: Kind) async throws {
        let images = try DiskImages()
        let path = try await images.converted(kind.format, options: kind.options, to: "image")
        let found = try report(onFile: path)
        let info = try await DiskImages.info(path)
        #expect(found.format == kind.expected)
        #expect(found.findings.isEmpty, "\(found.findings)")
        // A fixed VHD has its data first and its mark last: qemu-img takes it for a raw disk
        // that is one sector longer.
        guard !kind.options.contains("subformat=fixed,force_size") else {
            #expect(found.virtualSize == info.size - 512)
            return
        }
        #expect(info.format == kind.format)
        #expect(found.virtualSize == info.size)
    }

    /// A name says nothing.
    @Test func theNameIsNotLookedAt() async throws {
        let images = try DiskImages()
        let path = try await images.converted("qcow2", to: "image.raw")
        #expect(try report(onFile: path).format == .qcow2)
    }

    @Test func anISOImageWithABootSectorIsOneFormat() throws {
        var bytes = [UInt8](repeating: 0, count: 40 * 2048)
        bytes = bytes.patched(510, [0x55, 0xAA])
        bytes = bytes.patched(16 * 2048, [1] + Array("CD001".utf8) + [1])
        bytes = bytes.patched(16 * 2048 + 80, little: UInt32(40)).patched(
            16 * 2048 + 84, big: UInt32(40))
        bytes = bytes.patched(16 * 2048 + 128, [0x00, 0x08])
        let found = try ImageProbe.report(on: bytes)
        #expect(found.format == .iso)
        #expect(found.findings.isEmpty, "\(found.findings)")
    }

    @Test func anApplianceIsATarArchive() async throws {
        let images = try DiskImages()
        try images.folder.write("<Envelope/>", to: "box.ovf")
        try await images.qcow2AsVMDK()
        let path = images.folder.file("box.ova")
        let (status, output) = try await run(
            "tar",
            ["--format=ustar", "-cf", path, "-C", images.folder.path, "box.ovf", "disk.vmdk"])
        #expect(status == 0, "\(output)")
        let found = try report(onFile: path)
        #expect(found.format == .tar)
        #expect(found.findings.isEmpty, "\(found.findings)")
    }

    @Test func snapshotsPassWhereTheyAreAllowed() async throws {
        let images = try DiskImages()
        let path = try await images.converted("qcow2", to: "image")
        try await DiskImages.qemu(["snapshot", "-c", "one", path])
        #expect(try report(onFile: path).findings.map(\.rule) == [.snapshots])
        let limits = ImageLimits(virtualBytesMax: 1 << 30, snapshotsMax: 1)
        #expect(try report(onFile: path, limits: limits).findings.isEmpty)
    }
}

extension DiskImages {
    func qcow2AsVMDK() async throws {
        _ = try await converted(
            "vmdk", options: ["-o", "subformat=streamOptimized"], to: "disk.vmdk")
    }
}
