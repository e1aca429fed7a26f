// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile
import TestSupport
import Testing

/// Images that would lead another program astray, each for one reason.
@Suite(.timeLimit(.minutes(3))) struct HostileImageTests {
    private static func qcow2(_ options: [String] = []) async throws -> [UInt8] {
        let images = try DiskImages()
        return try images.bytes(try await images.converted("qcow2", options: options, to: "image"))
    }

    private static func rules(
        _ bytes: [UInt8], _ limits: ImageLimits = .standard
    ) throws -> [ImageFinding.Rule] {
        try ImageProbe.report(on: bytes, limits: limits).findings.map(\.rule)
    }

    @Test(arguments: ["/etc/passwd", "json:{\"driver\":\"nbd\"}", "nbd://127.0.0.1:1", "other.img"])
    func aBackingFileIsFound(_ name: String) async throws {
        let bytes = try await Self.qcow2()
        let hostile = bytes.patched(8, big: UInt64(400)).patched(
            16, big: UInt32(name.utf8.count)
        ).patched(400, Array(name.utf8))
        #expect(try Self.rules(hostile) == [.backingFile])
    }

    @Test func aBackingFileMadeByQEMUIsFound() async throws {
        let images = try DiskImages()
        let path = images.folder.file("overlay")
        try await DiskImages.qemu(
            ["create", "-f", "qcow2", "-b", try images.raw(), "-F", "raw", path])
        #expect(try report(onFile: path).findings.map(\.rule) == [.backingFile])
    }

    @Test func anExternalDataFileIsFound() async throws {
        let images = try DiskImages()
        let path = images.folder.file("image")
        try await DiskImages.qemu(
            ["create", "-f", "qcow2", "-o", "data_file=\(images.folder.file("data"))", path, "1M"])
        let rules = try report(onFile: path).findings.map(\.rule)
        #expect(rules.contains(.externalData))
        // The name alone, without the feature bit, is enough.
        let bytes = try images.bytes(path)
        #expect(try Self.rules(bytes.patched(72, big: UInt64(0))).contains(.externalData))
    }

    /// By its header's method (AES, LUKS), and by the pointer to LUKS's own header alone.
    @Test func anEncryptedImageIsFound() async throws {
        let bytes = try await Self.qcow2()
        #expect(try Self.rules(bytes.patched(32, big: UInt32(1))) == [.encrypted])
        #expect(try Self.rules(bytes.patched(32, big: UInt32(2))) == [.encrypted])
        let length = Int(bytes[100..<104].reduce(0) { $0 << 8 | UInt32($1) })
        let pointer = [UInt8](repeating: 0, count: 32).patched(0, big: UInt32(0x0537_BE77))
            .patched(4, big: UInt32(16))
        #expect(try Self.rules(bytes.patched(length, pointer)) == [.encrypted])
    }

    @Test func sizesAreBounded() async throws {
        let bytes = try await Self.qcow2()
        #expect(try Self.rules(bytes.patched(24, big: UInt64(0))) == [.virtualSize])
        #expect(try Self.rules(bytes.patched(24, big: UInt64(1) << 60)).contains(.virtualSize))
        #expect(try Self.rules(bytes.patched(24, big: UInt64.max)).contains(.virtualSize))
        #expect(
            try Self.rules(bytes, ImageLimits(virtualBytesMax: 1 << 20, snapshotsMax: 0))
                == [.virtualSize])
        #expect(try Self.rules([]) == [.virtualSize])
    }

    @Test func tablesAreBounded() async throws {
        let bytes = try await Self.qcow2()
        #expect(try Self.rules(bytes.patched(36, big: UInt32.max)) == [.tableSize])
        #expect(try Self.rules(bytes.patched(56, big: UInt32.max)) == [.tableSize])
        #expect(try Self.rules(bytes.patched(36, big: UInt32(0))) == [.malformed])
        #expect(try Self.rules(bytes.patched(20, big: UInt32(62))) == [.malformed])
        #expect(try Self.rules(bytes.patched(20, big: UInt32(0))) == [.malformed])
        #expect(try Self.rules(bytes.patched(100, big: UInt32(1 << 20))) == [.malformed])
    }

    @Test func featuresThatNobodyKnowsAreFound() async throws {
        let bytes = try await Self.qcow2()
        #expect(try Self.rules(bytes.patched(72, big: UInt64(1 << 40))) == [.unsupported])
        #expect(try Self.rules(bytes.patched(72, big: UInt64(1))) == [.unclean])
        #expect(try Self.rules(bytes.patched(72, big: UInt64(2))) == [.unclean])
        #expect(try Self.rules(bytes.patched(4, big: UInt32(9))) == [.unsupported])
    }

    /// `qemu-img convert` gives zeros for what is missing, and ends well. Only within the last
    /// cluster a cut cannot be seen: a sound file may end there.
    @Test(arguments: [[], ["-c"]]) func everyTruncationIsFound(_ options: [String]) async throws {
        let bytes = try await Self.qcow2(options)
        for length in stride(from: 512, through: bytes.count - 65_536, by: bytes.count / 40) {
            let cut = Array(bytes[..<length])
            #expect(try !Self.rules(cut).isEmpty, "\(length) of \(bytes.count)")
        }
    }

    @Test func tablesThatPointBeyondTheEndAreFound() async throws {
        let bytes = try await Self.qcow2()
        let l1 = bytes[40..<48].reduce(0) { $0 << 8 | Int($1) }
        let l2 = bytes[l1..<l1 + 8].reduce(0) { $0 << 8 | Int($1) } & 0xFF_FFFF_FFFF_FE00
        #expect(try Self.rules(bytes.patched(40, big: UInt64(1) << 40)) == [.truncated])
        #expect(try Self.rules(bytes.patched(l1, big: UInt64(1) << 40)) == [.truncated])
        #expect(try Self.rules(bytes.patched(l2, big: UInt64(1) << 40)) == [.truncated])
        #expect(try Self.rules(bytes.patched(l1 + 1, [1])) != [])
    }

    /// A table for every entry of a small file would be read a million times.
    @Test func manyEntriesForOneTableAreRefused() async throws {
        let bytes = try await Self.qcow2()
        let l1 = Int(bytes[40..<48].reduce(0) { $0 << 8 | UInt64($1) })
        let entry = Array(bytes[l1..<l1 + 8])
        let hostile = bytes.patched(36, big: UInt32(2)).patched(l1 + 8, entry)
        #expect(try Self.rules(hostile) == [.malformed])
    }

    @Test func twoFormatsAtOnceAreFound() async throws {
        let bytes = try await Self.qcow2()
        let iso = [1] + Array("CD001".utf8)
        let padded = bytes + [UInt8](repeating: 0, count: 512)
        let hostile: [[UInt8]] = [
            padded.patched(padded.count - 512, Array("conectix".utf8)),
            padded.patched(padded.count - 512, Array("koly".utf8)),
            bytes.patched(32_768, iso),
            [UInt8](repeating: 0, count: 65_536).patched(32_768, iso)
                .patched(64, little: UInt32(0xBEDA_107F)),
        ]
        for bytes in hostile { #expect(try Self.rules(bytes).first == .ambiguous) }
    }

    @Test(arguments: [
        "RW 8192 FLAT \"/etc/passwd\" 0", "RW 8192 VMFS \"other.vmdk\"",
        "RW 8192 SPARSE \"a.vmdk\"\nRW 8192 SPARSE \"b.vmdk\"", "",
    ])
    func aDescriptorOfOtherFilesIsFound(_ extents: String) async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vmdk", to: "image"))
        let text =
            "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n"
            + "createType=\"monolithicSparse\"\n\(extents)\n"
        let room = [UInt8](repeating: 0, count: 10_240 - text.utf8.count)
        #expect(try Self.rules(bytes.patched(512, Array(text.utf8) + room)).contains(.externalData))
        // The same text as a file of its own, also under a comment that hides it.
        #expect(try Self.rules(Array(text.utf8)) == [.externalData])
        #expect(try Self.rules(Array("# a\n\n  version = 1\n".utf8)) == [.externalData])
    }

    @Test func aParentOfAVMDKIsFound() async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vmdk", to: "image"))
        let text = String(decoding: bytes[512..<10_752], as: UTF8.self)
        let hostile = text.replacing("parentCID=ffffffff", with: "parentCID=00000001")
        #expect(hostile != text)
        #expect(try Self.rules(bytes.patched(512, Array(hostile.utf8))) == [.backingFile])
        #expect(try Self.rules(Array(bytes[..<4096])).contains(.truncated))
        #expect(try Self.rules(bytes.patched(4, little: UInt32(9))) == [.unsupported])
    }

    @Test func aDifferencingVHDIsFound() async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vpc", to: "image"))
        let foot = bytes.count - 512
        func footer(kind: UInt32) -> [UInt8] {
            var footer = Array(bytes[foot...]).patched(60, big: kind).patched(64, big: UInt32(0))
            let sum = footer.reduce(UInt32(0)) { $0 &+ UInt32($1) }
            footer = footer.patched(64, big: ~sum)
            return footer
        }
        #expect(try Self.rules(bytes.patched(foot, footer(kind: 4))) == [.backingFile])
        #expect(try Self.rules(bytes.patched(foot, footer(kind: 9))) == [.unsupported])
        #expect(try Self.rules(bytes.patched(foot + 20, [1])) == [.malformed])
        #expect(try Self.rules(Array(bytes[..<(bytes.count - 600)])) == [.truncated])
    }

    @Test func aVHDXWithAParentIsFound() async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vhdx", to: "image"))
        let item: [UInt8] = [0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D]
        let entry = try #require(bytes.firstRange(of: item)).lowerBound
        // The item's offset counts from the metadata region, which begins with its table.
        let region = try #require(bytes.firstRange(of: Array("metadata".utf8))).lowerBound
        let place = bytes[entry + 16..<entry + 20].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(try Self.rules(bytes.patched(region + place + 4, [2])) == [.backingFile])
        #expect(try Self.rules(Array(bytes[..<100_000])) == [.malformed])
        let log = bytes.patched(65_536 + 48, [1]).patched(131_072 + 48, [1])
        #expect(try Self.rules(log) == [.unclean])
    }

    @Test func aVDIWithAParentIsFound() async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vdi", to: "image"))
        #expect(try Self.rules(bytes.patched(76, little: UInt32(4))) == [.backingFile])
        #expect(try Self.rules(bytes.patched(440, [1])) == [.backingFile])
        #expect(try Self.rules(bytes.patched(384, little: UInt32.max)) == [.tableSize])
        #expect(try Self.rules(Array(bytes[..<(bytes.count / 2)])) == [.truncated])
    }

    /// The largest place and block size: their product just fits into 63 bits.
    @Test func theFarthestBlockOfAVDIIsFound() async throws {
        let images = try DiskImages()
        let bytes = try images.bytes(try await images.converted("vdi", to: "image"))
        let table = Int(bytes[340..<344].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        let hostile = bytes.patched(376, little: UInt32(1) << 31)
            .patched(table, little: 0xFFFF_FFFD as UInt32)
        #expect(try Self.rules(hostile) == [.truncated])
    }

    @Test func anArchiveThatLeadsOutIsFound() async throws {
        let images = try DiskImages()
        try images.folder.write("x", to: "a")
        let path = images.folder.file("bad.tar")
        for (arguments, expected) in [
            (["--transform=s,a,../a,", "-P"], ImageFinding.Rule.externalData),
            (["--transform=s,a,/etc/a,", "-P"], .externalData),
        ] {
            let (status, output) = try await run(
                "tar",
                ["--format=ustar", "-cf", path, "-C", images.folder.path] + arguments + ["a"])
            #expect(status == 0, "\(output)")
            #expect(try report(onFile: path).findings.map(\.rule) == [expected])
        }
        let (status, output) = try await run(
            "sh",
            [
                "-c",
                "cd '\(images.folder.path)' && ln -s /etc/passwd l && "
                    + "tar --format=ustar -cf bad.tar l",
            ])
        #expect(status == 0, "\(output)")
        #expect(try report(onFile: path).findings.map(\.rule) == [.externalData])
        let bytes = try images.bytes(path)
        #expect(try Self.rules(Array(bytes[..<512])) == [.externalData])
    }

    @Test(arguments: ["LUKS\u{BA}", "BZh", "PK\u{3}\u{4}"])
    func otherFormatsDoNotPassForRaw(_ magic: String) throws {
        var bytes = magic.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        if magic.hasPrefix("LUKS") { bytes.append(0xBE) }
        bytes += [UInt8](repeating: 0, count: 4096)
        let found = try ImageProbe.report(on: bytes)
        #expect(found.format == .other)
        #expect(found.findings.map(\.rule) == [.unsupported])
    }

    /// Random damage never crashes the probe, whatever it answers.
    @Test func randomDamageIsSurvived() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let images = try DiskImages()
        for format in ["qcow2", "vmdk", "vpc", "vhdx", "vdi"] {
            let bytes = try images.bytes(try await images.converted(format, to: format))
            let interesting = min(bytes.count, 300_000)
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let place = Int.random(
                        in: 0..<(Bool.random(using: &random) ? 600 : interesting), using: &random)
                    damaged[place] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) {
                    damaged = Array(damaged[..<Int.random(in: 0..<damaged.count, using: &random)])
                }
                _ = try ImageProbe.report(on: damaged)
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
