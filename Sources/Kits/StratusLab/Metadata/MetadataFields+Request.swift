// SPDX-License-Identifier: Apache-2.0
public import Events

extension MetadataFields {
    /// dcterms:valid lies this many days after the request by default. StratusLab's client adds
    /// "356 / 2" days.
    public static let validDaysDefault = 178
    private static let validDays = 1...3650

    /// The fields of the document for a request and the image that came of it. Times come from the
    /// request; bytes and checksums are those of the uncompressed image as it was scanned.
    ///
    /// Absent values are what `stratus-build-metadata` takes: type base, kind machine, hypervisor
    /// kvm, disks-bus ide, publisher StratusLab. Waivers are lines at the description's end
    /// (``Waiver/line``).
    ///
    /// - Throws: ``StratusLabError/missingField(_:)`` or
    ///   ``StratusLabError/invalidField(_:reason:)``, naming the request's field.
    public init(
        _ request: ImageRequest, _ fetched: Fetched, _ modified: Modified, _ scanned: Scanned
    ) throws(StratusLabError) {
        self.init()
        let metadata = request.metadata
        try setFacts(modified)
        os = try Self.required(metadata.os, "metadata.os")
        osVersion = try Self.required(metadata.osVersion, "metadata.osVersion")
        osArch = try Self.required(metadata.osArch, "metadata.osArch")
        version = metadata.version ?? ""
        type = (metadata.type ?? .base).rawValue
        kind = metadata.kind ?? "machine"
        compression = modified.compression == .none ? "" : modified.compression.rawValue
        locations = try Self.locations(request, modified)
        format = modified.format.rawValue
        creator = metadata.creator ?? ""
        created = fetched.requestTime
        valid = fetched.requestTime.adding(days: try Self.days(metadata.validDays))
        title = metadata.title ?? ""
        tag = metadata.tag ?? ""
        description = try Self.description(metadata.description ?? "", scanned.waived)
        publisher = metadata.publisher ?? "StratusLab"
        hypervisor = metadata.hypervisor ?? "kvm"
        disksBus = metadata.disksBus ?? "ide"
        serialNumber = try Self.serial(metadata.serialNumber)
    }

    private mutating func setFacts(_ modified: Modified) throws(StratusLabError) {
        let digests = modified.uncompressed.digests
        guard digests.isWellFormed, let identifier = StratusLabIdentifier(sha1: digests.sha1)
        else {
            throw .invalidField(
                "modified.uncompressed.digests", reason: "must be lower-case hexadecimal")
        }
        guard modified.uncompressed.size >= 0 else {
            throw .invalidField("modified.uncompressed.size", reason: "must not be negative")
        }
        self.identifier = identifier.text
        bytes = modified.uncompressed.size
        for algorithm in DigestAlgorithm.allCases { checksums[algorithm] = digests[algorithm] }
    }

    /// The source's URL, where the request names no place: but a modified image is not there.
    private static func locations(
        _ request: ImageRequest, _ modified: Modified
    ) throws(StratusLabError) -> [String] {
        guard modified.blob != modified.source else {
            return request.metadata.locations ?? [request.source.url]
        }
        let locations = request.metadata.locations ?? []
        guard !locations.isEmpty else { throw .missingField("metadata.locations") }
        guard !locations.contains(request.source.url) else {
            throw .invalidField(
                "metadata.locations", reason: "must not name the source, which is not modified")
        }
        return locations
    }

    /// Nobody but the scanner says what is waived: the text of the request must not look like it.
    private static func description(
        _ text: String, _ waived: [Waiver]
    ) throws(StratusLabError) -> String {
        let name = "metadata.description"
        guard !Waiver.isFeigned(in: text) else {
            throw .invalidField(
                name, reason: "must have no line that begins with '\(Waiver.linePrefix)'")
        }
        for waiver in waived {
            guard let problem = waiver.problem else { continue }
            throw .invalidField("scanned.waived.\(problem.field)", reason: problem.reason)
        }
        let lines = (text.isEmpty ? [] : [text]) + waived.map(\.line)
        let description = lines.joined(separator: "\n")
        guard waived.isEmpty || description.utf8.count <= MetadataWriter.textBytesMax else {
            throw .invalidField(
                name,
                reason: "has \(description.utf8.count) bytes with the waivers; "
                    + "at most \(MetadataWriter.textBytesMax) are allowed")
        }
        return description
    }

    private static func required(
        _ value: String, _ name: String
    ) throws(StratusLabError) -> String {
        guard value.contains(where: { !$0.isWhitespace }) else { throw .missingField(name) }
        return value
    }

    private static func days(_ days: Int?) throws(StratusLabError) -> Int {
        let days = days ?? validDaysDefault
        guard validDays.contains(days) else {
            throw .invalidField(
                "metadata.validDays",
                reason: "must be \(validDays.lowerBound) to \(validDays.upperBound) days")
        }
        return days
    }

    /// slterms:serial-number is a non-negative integer (slterms.xsd).
    private static func serial(_ text: String?) throws(StratusLabError) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .invalidField(
                "metadata.serialNumber", reason: "must be a non-negative integer")
        }
        return text
    }
}
