// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile
import ImageScan
import TestSupport
import Testing

/// Our probe, qemu-img and the inspector see the same disk in every format.
@Suite(.timeLimit(.minutes(20))) struct FormatTests {
    @Test(arguments: GuestDisk.Format.allCases)
    func guest(in format: GuestDisk.Format) async throws {
        let image = GuestImage.clean.on(.gpt, format: format)
        let facts = try await expectAgreement(on: try await image.built(), format.name)
        #expect(facts.disk.size == 34 << 20)
        #expect(facts.problems == [])
        let report = await Scanning.report(on: facts)
        #expect(report.firing == [], "\(report.allFindings)")
    }

    @Test(arguments: GuestDisk.Layout.allCases, GuestDisk.FileSystem.makeable)
    func disk(with layout: GuestDisk.Layout, of fileSystem: GuestDisk.FileSystem) async throws {
        let image = GuestImage.clean.on(layout, fileSystem)
        _ = try await expectAgreement(on: try await image.built(), "qcow2")
    }

    @Test func debian() async throws {
        _ = try await expectAgreement(on: try await GuestImage.debian.built(), "qcow2")
    }

    @Test func alpine() async throws {
        let facts = try await expectAgreement(on: try await GuestImage.alpine(), "qcow2")
        #expect(facts.disk.size == 1 << 30)
    }

    private func expectAgreement(
        on path: String, _ format: String
    ) async throws -> GuestFacts {
        let probed = try probe(path)
        #expect(probed.findings == [])
        #expect(probed.format.rawValue == format)
        let seen = try await Self.info(path, format)
        #expect(seen.format == format)
        #expect(seen.size == probed.virtualSize)
        let facts = try await Scanning.facts(of: path, format: format)
        #expect(facts.disk.size == probed.virtualSize)
        return facts
    }

    private func probe(_ path: String) throws -> ImageReport {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        return try ImageProbe.report(on: try FileBytes(descriptor: handle.fileDescriptor))
    }

    private struct Info: Decodable {
        var format: String
        var size: Int

        enum CodingKeys: String, CodingKey {
            case format
            case size = "virtual-size"
        }
    }

    /// What qemu-img finds when it guesses, but for raw, where it does not have to.
    private static func info(_ path: String, _ format: String) async throws -> Info {
        let (status, output) = try await run("qemu-img", ["info", "--output=json", path])
        #expect(status == 0, "\(output)")
        return try JSONDecoder().decode(Info.self, from: Data(output.utf8))
    }
}
