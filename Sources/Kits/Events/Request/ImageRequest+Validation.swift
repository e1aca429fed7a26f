// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// One thing wrong with a request.
public struct FieldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Path of the field, such as `metadata.osVersion` or `checksumFiles[0].url`.
    public var field: String
    /// What is wrong and what would be right, such as `must be one of raw, qcow2`.
    public var reason: String

    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "\(field): \(reason)" }
}

extension ImageRequest {
    /// Largest number of characters in ``name``.
    public static let nameLengthMax = 128
    /// Largest URL in bytes.
    public static let urlBytesMax = 2048
    /// Most checksum files, and most locations, that one request may name.
    public static let listCountMax = 16
    /// Largest request in bytes, as JSON: later events hold parts of it twice and more.
    public static let bytesMax = 32 << 10
    /// Days a document may be valid.
    public static let validDaysRange = 1...3650

    /// Everything that is wrong with the request's form, in the order of its fields; empty when
    /// the request can be worked on.
    public func problems() -> [FieldProblem] {
        var problems: [FieldProblem] = []
        func add(_ field: String, _ reason: String?) {
            if let reason { problems.append(FieldProblem(field: field, reason: reason)) }
        }
        add("name", RequestRule.name(name))
        add("source.url", RequestRule.url(source.url, schemes: RequestRule.sourceSchemes))
        for (algorithm, digest) in (digests ?? [:]).sorted(by: { $0.key < $1.key }) {
            add("digests.\(algorithm)", RequestRule.digest(digest, algorithm: algorithm))
        }
        add("checksumFiles", RequestRule.count(checksumFiles?.count))
        for (index, file) in (checksumFiles ?? []).enumerated() {
            let schemes = RequestRule.sourceSchemes
            add("checksumFiles[\(index)].url", RequestRule.url(file.url, schemes: schemes))
            let reason = file.signature.flatMap { RequestRule.url($0, schemes: schemes) }
            add("checksumFiles[\(index)].signature", reason)
            let entry = RequestRule.text(file.entry, 1...255)
            add("checksumFiles[\(index)].entry", entry)
        }
        for (index, algorithm) in (acceptWeakDigests ?? []).enumerated() where algorithm.isStrong {
            add("acceptWeakDigests[\(index)]", "\(algorithm.rawValue) is not weak: leave it out")
        }
        if requireSignature == true, (checksumFiles ?? []).isEmpty {
            add("requireSignature", "needs a checksum file (checksumFiles) that is signed")
        }
        return problems + modificationProblems() + waiverProblems() + metadata.problems()
            + modifiedLocationProblems() + sizeProblems()
    }

    private func sizeProblems() -> [FieldProblem] {
        guard let bytes = try? EventCoding.encoder.encode(self), bytes.count > Self.bytesMax else {
            return []
        }
        let reason = "has \(bytes.count) bytes as JSON; at most \(Self.bytesMax) are allowed"
        return [FieldProblem(field: "request", reason: reason)]
    }

    /// Why the request names no evidence that could make anybody trust the bytes: no digest at
    /// all, or weak ones that it does not accept by name. Nil when there may be enough; what the
    /// checksum files hold, only the verifier sees.
    public func evidenceProblem() -> FieldProblem? {
        guard (checksumFiles ?? []).isEmpty else { return nil }
        let algorithms = (digests ?? [:]).keys.compactMap(DigestAlgorithm.init).sorted {
            $0.rawValue < $1.rawValue
        }
        guard let weak = algorithms.first else {
            return FieldProblem(
                field: "digests", reason: "a digest or a checksum file (checksumFiles) is required")
        }
        let accepted = algorithms.contains {
            $0.isStrong || (acceptWeakDigests ?? []).contains($0)
        }
        guard !accepted else { return nil }
        return FieldProblem(
            field: "digests",
            reason: "\(weak.rawValue) alone is weak: add sha256 or sha512, "
                + "or accept it by name (acceptWeakDigests: [\(weak.rawValue)])")
    }
}

extension ImageRequest.Description {
    fileprivate func problems() -> [FieldProblem] {
        let texts: [(String, String?)] = [
            ("title", RequestRule.text(title, 0...256)),
            ("description", RequestRule.text(description, 0...8192, multiline: true)),
            ("os", RequestRule.word(os, 1...64)),
            ("osVersion", RequestRule.word(osVersion, 1...64)),
            ("osArch", RequestRule.word(osArch, 1...64)),
            ("version", RequestRule.word(version, 0...64)),
            ("kind", RequestRule.text(kind, 0...64)),
            ("tag", RequestRule.text(tag, 0...128)),
            ("creator", RequestRule.text(creator, 0...256)),
            ("publisher", RequestRule.text(publisher, 0...256)),
            ("serialNumber", RequestRule.text(serialNumber, 0...64)),
            ("hypervisor", RequestRule.text(hypervisor, 0...64)),
            ("disksBus", RequestRule.text(disksBus, 0...64)),
            ("locations", RequestRule.count(locations?.count)),
        ]
        var rest: [(String, String?)] = (locations ?? []).enumerated().map { index, location in
            ("locations[\(index)]", RequestRule.url(location, schemes: nil))
        }
        let range = ImageRequest.validDaysRange
        if let validDays, !range.contains(validDays) {
            let reason = "must be \(range.lowerBound) to \(range.upperBound) days"
            rest.append(("validDays", reason))
        }
        return (texts + rest).compactMap { name, reason in
            reason.map { FieldProblem(field: "metadata.\(name)", reason: $0) }
        }
    }
}
