// SPDX-License-Identifier: Apache-2.0
public import Events

extension MetadataFields {
    /// dcterms:valid lies this many days after the request by default. StratusLab's client adds
    /// "356 / 2" days.
    public static let validDaysDefault = 178
    private static let validDays = 1...3650

    /// The fields of the document for a request and what was fetched for it. Times come from the
    /// request; bytes and checksums are those of the uncompressed image.
    ///
    /// Absent values are what `stratus-build-metadata` takes: type base, kind machine, hypervisor
    /// kvm, disks-bus ide, publisher StratusLab.
    ///
    /// - Throws: ``StratusLabError/missingField(_:)`` or
    ///   ``StratusLabError/invalidField(_:reason:)``, naming the request's field.
    public init(_ request: ImageRequest, _ fetched: Fetched) throws(StratusLabError) {
        self.init()
        let metadata = request.metadata
        try setFacts(fetched)
        os = try Self.required(metadata.os, "metadata.os")
        osVersion = try Self.required(metadata.osVersion, "metadata.osVersion")
        osArch = try Self.required(metadata.osArch, "metadata.osArch")
        version = metadata.version ?? ""
        type = (metadata.type ?? .base).rawValue
        kind = metadata.kind ?? "machine"
        compression = fetched.compression == .none ? "" : fetched.compression.rawValue
        locations = metadata.locations ?? [request.source.url]
        format = request.source.format.rawValue
        creator = metadata.creator ?? ""
        created = fetched.requestTime
        valid = fetched.requestTime.adding(days: try Self.days(metadata.validDays))
        title = metadata.title ?? ""
        tag = metadata.tag ?? ""
        description = metadata.description ?? ""
        publisher = metadata.publisher ?? "StratusLab"
        hypervisor = metadata.hypervisor ?? "kvm"
        disksBus = metadata.disksBus ?? "ide"
        serialNumber = try Self.serial(metadata.serialNumber)
    }

    private mutating func setFacts(_ fetched: Fetched) throws(StratusLabError) {
        let digests = fetched.uncompressed.digests
        guard digests.isWellFormed, let identifier = StratusLabIdentifier(sha1: digests.sha1)
        else {
            throw .invalidField(
                "fetched.uncompressed.digests", reason: "must be lower-case hexadecimal")
        }
        guard fetched.uncompressed.size >= 0 else {
            throw .invalidField("fetched.uncompressed.size", reason: "must not be negative")
        }
        self.identifier = identifier.text
        bytes = fetched.uncompressed.size
        for algorithm in DigestAlgorithm.allCases { checksums[algorithm] = digests[algorithm] }
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
