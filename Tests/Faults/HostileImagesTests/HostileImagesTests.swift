// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile
import ImageScan
import Programs
import TestSupport
import Testing

/// Hostile and broken images: each is refused by our probe, or read within limits by the inspector
/// and by qemu-img in the sandbox; and none touches anything of the host.
@Suite("Hostile images", .timeLimit(.minutes(10)))
struct HostileImageSuite {
    /// The longest that any program may take, and what it is given.
    private static let timeMax: Duration = .seconds(60)
    private static let limits = Sandbox.Limits(
        cpuTimeMax: .seconds(10), memoryBytesMax: 1 << 30, fileBytesMax: 16 << 20)

    @Test("Refused or survived, and nothing else touched", arguments: HostileImage.all)
    func image(_ image: HostileImage) async throws {
        let room = try await HostileRoom.shared.value
        await Gate.shared.enter()
        do {
            try await judge(image, room)
        } catch {
            Issue.record("\(error)")
        }
        await Gate.shared.leave()
    }

    private func judge(_ image: HostileImage, _ room: HostileRoom) async throws {
        let path = try await room.place(image)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
        let start = ContinuousClock.now

        let report = try Self.report(path)
        let found = HostileImage.Probe(report.findings.map(\.rule))
        #expect(found == image.probe, "\(report.findings)")

        let (qemu, qemuText) = try await Self.qemu(image, path, report.virtualSize)
        #expect(qemu == image.qemu, "\(qemuText)")

        let (inspected, text) = try await Self.inspect(image, path)
        #expect(
            image.inspector.admits(inspected),
            "\(inspected.rawValue): \(String(decoding: text.prefix(1_000), as: UTF8.self))")

        #expect(ContinuousClock.now - start < Self.timeMax * 6)
        for output in [Data("\(report)".utf8), Data(qemuText.utf8), text] {
            let place = output.range(of: Data(room.token.utf8))
            #expect(place == nil, "the host's secret is out")
        }
        #expect(room.disturbances(by: image) == [])
        let after = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
        #expect(before as? Date == after as? Date, "the image itself was changed")
        try FileManager.default.removeItem(atPath: path)
    }

    private static func report(_ path: String) throws -> ImageReport {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        return try ImageProbe.report(on: try FileBytes(descriptor: handle.fileDescriptor))
    }

    // MARK: - qemu-img

    private static func sandboxed(_ arguments: [String], _ path: String) async throws -> String {
        let sandbox = Sandbox(
            readOnly: [Sandbox.Bind(host: path, inside: "/image/image")], limits: limits,
            directory: "/image")
        do {
            let result = try await Program("qemu-img", timeMax: timeMax, sandbox: sandbox)
                .run(arguments + ["/image/image"])
            let text = String(decoding: result.output, as: UTF8.self) + result.errorText
            return "\(result.status) \(text)"
        } catch ProgramsError.timedOut {
            return "timed out"
        }
    }

    private struct Info: Decodable {
        var size: Int
        enum CodingKeys: String, CodingKey { case size = "virtual-size" }
    }

    private static func qemu(
        _ image: HostileImage, _ path: String, _ size: Int
    ) async throws -> (HostileImage.QEMU, String) {
        var text = try await sandboxed(["info", "-f", image.format, "--output=json"], path)
        var found = HostileImage.QEMU.refuses
        if text.hasPrefix("0 "), let end = text.lastIndex(of: "}") {
            let json = Data(text[text.index(text.startIndex, offsetBy: 2)...end].utf8)
            let info = try JSONDecoder().decode(Info.self, from: json)
            found = info.size == size ? .opens : .opensWithOtherSize
        }
        if image.namesHost {
            // These two open what the image names, if they can.
            text += try await sandboxed(["check", "-f", image.format], path)
            text += try await sandboxed(
                [
                    "bench", "-c", "1", "-d", "1", "-s", "4096", "-f", image.format,
                ], path)
        }
        return (found, text)
    }

    // MARK: - The inspector

    private static func inspect(
        _ image: HostileImage, _ path: String
    ) async throws -> (HostileImage.Inspector, Data) {
        let inspection = Inspection(
            backend: .dissect(python: try DissectTools.interpreter()),
            limits: Inspection.Limits(
                timeMax: timeMax, cpuTimeMax: .seconds(6), memoryBytesMax: 1 << 30,
                outputBytesMax: 8 << 20, entriesMax: 1_000, visitsMax: 20_000))
        let query = InspectionQuery(paths: [
            InspectionQuery.Pattern("/etc/**", contentBytesMax: 4_096),
            InspectionQuery.Pattern("/home/*"),
        ])
        let facts: GuestFacts
        do {
            facts = try await inspection.facts(of: path, format: image.format, query: query)
        } catch let error {
            guard case .unreadable(let reason) = error else { throw error }
            return (.refuses, Data(reason.utf8))
        }
        var text = Data("\(facts.problems) ".utf8) + (try JSONEncoder().encode(facts))
        for content in facts.entries.compactMap(\.content) {
            text += Data(base64Encoded: content) ?? Data()
        }
        let isWhole = facts.isComplete && facts.problems.isEmpty && facts.root != nil
        return (isWhole ? .facts : .partly, text)
    }
}
