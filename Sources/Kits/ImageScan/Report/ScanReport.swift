// SPDX-License-Identifier: Apache-2.0
public import Events
import FoundationEssentials

/// What the checks say of one image. Its JSON form is described by `schemas/scan-report.schema.json`
/// and the same for the same image, policy and request.
public struct ScanReport: Codable, Sendable, Hashable {
    /// Of the JSON form; another number, another meaning.
    public var schemaVersion: Int
    public var image: Image
    /// The moment by which ages and ends of support were told: the request's.
    public var time: Timestamp
    /// What read the image; nil when nothing could.
    public var inspector: Tool?
    /// What the guest's os-release file says; nil when it has none.
    public var os: OperatingSystem?
    public var verdict: Verdict
    /// A failed check below this severity is a warning.
    public var rejectsFrom: Severity
    /// False when the inspection ended at one of its bounds, or the image could not be read.
    public var isComplete: Bool
    /// What could not be read, in one line each; at most ``problemsMax`` of them.
    public var problems: [String]
    /// Every check that was made, in the order of the policy.
    public var checks: [CheckReport]
    /// What else the requester should know, such as waivers that were not needed.
    public var notes: [String]

    public static let schemaVersion = 1
    public static let problemsMax = 100
    /// Longer reports are not read.
    public static let bytesMax = 32 << 20

    public struct Image: Codable, Sendable, Hashable {
        /// Of the image's file, in lower-case hexadecimal.
        public var sha256: String
        /// Of the file, in bytes.
        public var size: Int
        /// Such as `qcow2`.
        public var format: String

        public init(sha256: String, size: Int, format: String) {
            self.sha256 = sha256
            self.size = size
            self.format = format
        }
    }

    public struct OperatingSystem: Codable, Sendable, Hashable {
        /// Such as `debian`.
        public var id: String
        /// Such as `12`; a rolling system has none.
        public var version: String?
        /// For people, such as `Debian GNU/Linux 12 (bookworm)`.
        public var prettyName: String?
    }

    public enum Verdict: String, Codable, Sendable, Hashable {
        case accepted, rejected
    }

    /// What made the image fail, in the order of the policy.
    public var failed: [CheckReport] { checks.filter { $0.outcome == .failed } }

    /// The waivers that were needed, in the order of the policy.
    public var waived: [Waiver] {
        checks.compactMap { check in
            check.waiver.map { Waiver(check: check.name, reason: $0) }
        }
    }

    /// One line: what fails, the worst first.
    public var summary: String {
        let failed = failed.sorted { $0.severity > $1.severity }
        guard !failed.isEmpty else { return "no check fails" }
        let names = failed.map { "\($0.name) (\($0.severity.rawValue))" }
        return "\(failed.count == 1 ? "1 check fails" : "\(failed.count) checks fail"): "
            + names.joined(separator: ", ")
    }

    /// The JSON form: sorted members, one line break at the end.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads the JSON form.
    ///
    /// - Throws: ``ImageScanError/malformed(path:reason:)``, which names `path`.
    public init(json bytes: [UInt8], path: String = "report") throws(ImageScanError) {
        guard bytes.count <= Self.bytesMax else {
            throw .malformed(path: path, reason: "longer than \(Self.bytesMax) bytes")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .malformed(path: path, reason: JSONFault.reason(error))
        }
        guard schemaVersion == Self.schemaVersion else {
            throw .malformed(path: path, reason: "version \(schemaVersion) is not known")
        }
    }

    init(
        image: Image, time: Timestamp, inspector: Tool? = nil, os: OperatingSystem? = nil,
        rejectsFrom: Severity, isComplete: Bool, problems: [String] = [],
        checks: [CheckReport], notes: [String] = []
    ) {
        schemaVersion = Self.schemaVersion
        self.image = image
        self.time = time
        self.inspector = inspector.map {
            Tool(
                name: PlainText.line($0.name, lengthMax: 200),
                version: PlainText.line($0.version, lengthMax: 200))
        }
        self.os = os
        verdict = checks.contains { $0.outcome == .failed } ? .rejected : .accepted
        self.rejectsFrom = rejectsFrom
        self.isComplete = isComplete
        self.problems = problems.prefix(Self.problemsMax).map {
            PlainText.line($0, lengthMax: Finding.messageLengthMax)
        }
        self.checks = checks
        self.notes = notes
    }
}
