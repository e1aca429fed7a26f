// SPDX-License-Identifier: Apache-2.0

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
            let entry = RequestRule.text(file.entry, 1...255)
            add("checksumFiles[\(index)].entry", entry)
        }
        for (index, algorithm) in (acceptWeakDigests ?? []).enumerated() where algorithm.isStrong {
            add("acceptWeakDigests[\(index)]", "\(algorithm.rawValue) is not weak: leave it out")
        }
        return problems + metadata.problems()
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

/// The rules of single values: each returns why a value breaks it, or nil.
private enum RequestRule {
    static let sourceSchemes = ["http", "https", "ftp", "file"]

    static func name(_ name: String) -> String? {
        let isValid = name.utf8.allSatisfy { isAlphanumeric($0) || "._+-".utf8.contains($0) }
        guard (1...ImageRequest.nameLengthMax).contains(name.utf8.count), isValid else {
            return "must be 1 to \(ImageRequest.nameLengthMax) of A-Z a-z 0-9 . _ + -"
        }
        guard name.utf8.first.map(isAlphanumeric) == true else {
            return "must begin with a letter or a digit"
        }
        return nil
    }

    static func digest(_ digest: String, algorithm: String) -> String? {
        guard let algorithm = DigestAlgorithm(rawValue: algorithm) else {
            let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            return "unknown algorithm; must be one of \(known)"
        }
        guard Digests.isHex(digest.lowercased(), digits: algorithm.hexDigits) else {
            return "must be \(algorithm.hexDigits) hexadecimal digits"
        }
        return nil
    }

    static func count(_ count: Int?) -> String? {
        guard let count, count > ImageRequest.listCountMax else { return nil }
        return "at most \(ImageRequest.listCountMax) are allowed, found \(count)"
    }

    /// Text that an XML 1.0 document can hold, on one line unless `multiline`.
    static func text(_ text: String?, _ lengths: ClosedRange<Int>, multiline: Bool = false)
        -> String?
    {
        guard let text else { return nil }
        guard lengths.contains(text.unicodeScalars.count) else {
            return text.isEmpty
                ? "must not be empty" : "must have at most \(lengths.upperBound) characters"
        }
        let isBroken = text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09: false
            case 0x0A, 0x0D: !multiline
            case 0..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF: true
            default: false
            }
        }
        return isBroken ? "must not hold control characters" : nil
    }

    /// Text that becomes a part of a file name.
    static func word(_ text: String?, _ lengths: ClosedRange<Int>) -> String? {
        if let reason = self.text(text, lengths) { return reason }
        return text?.utf8.contains(UInt8(ascii: "/")) == true ? "must not contain '/'" : nil
    }

    /// An absolute URL (RFC 3986) without credentials; of any scheme when `schemes` is nil.
    static func url(_ url: String, schemes: [String]?) -> String? {
        guard (1...ImageRequest.urlBytesMax).contains(url.utf8.count) else {
            return "must have 1 to \(ImageRequest.urlBytesMax) bytes"
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "must be printable ASCII without spaces (percent-encode anything else)"
        }
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = String(parts[0])
        guard parts.count == 2, !parts[1].isEmpty, isScheme(scheme) else {
            return "must be an absolute URL"
        }
        if let schemes, !schemes.contains(scheme) {
            return "the scheme must be one of \(schemes.joined(separator: ", "))"
        }
        return hierarchy(parts[1], scheme: scheme, isSource: schemes != nil)
    }

    private static func hierarchy(_ rest: Substring, scheme: String, isSource: Bool) -> String? {
        guard rest.hasPrefix("//") else { return isSource ? "must be an absolute URL" : nil }
        let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
        if authority.contains("@") { return "must not contain credentials" }
        guard scheme != "file" else {
            let path = rest.dropFirst(2 + authority.count)
            let isLocal = authority.isEmpty || authority == "localhost"
            let isPath = path.first == "/" && path.count > 1
            return isLocal && isPath ? nil : "must be file:///PATH with an absolute path"
        }
        guard !authority.isEmpty, authority.first != ":" else { return "a host is required" }
        return nil
    }

    private static func isScheme(_ scheme: String) -> Bool {
        guard let first = scheme.utf8.first, (97...122).contains(first) else { return false }
        return scheme.utf8.allSatisfy { isAlphanumeric($0) || "+-.".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
