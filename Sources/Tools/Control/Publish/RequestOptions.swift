// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
public import Events

/// A request given as flags, for the simple case.
struct RequestOptions: ParsableArguments {
    @Option(help: "The image's name in the list.")
    var name: String?

    @Option(help: "Where the image is: http, https, ftp or file.")
    var url: String?

    @Option(help: "Disk format of the uncompressed image: raw or qcow2.")
    var format: ImageRequest.Format?

    @Option(help: "none, gz, bz2, xz or zstd; recognised from the file by default.")
    var compression: CompressionKind?

    @Option(
        help: ArgumentHelp(
            "An expected digest of the file, such as sha256:0f3c…", valueName: "algorithm:digest"))
    var checksum: [String] = []

    @Option(help: ArgumentHelp("A checksum file such as MD5SUMS to fetch.", valueName: "url"))
    var checksumFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "Its detached signature, such as MD5SUMS.gpg; as many as there are --checksum-file.",
            valueName: "url"))
    var checksumSignature: [String] = []

    @Flag(help: "Refuse the image unless a checksum file is signed by a key the verifier trusts.")
    var requireSignature = false

    @Option(
        help: ArgumentHelp(
            "Accept md5 or sha1 as the only evidence.", valueName: "algorithm"))
    var acceptWeak: [DigestAlgorithm] = []

    @Option(help: "Operating system, such as debian.")
    var os: String?

    @Option(help: "Its version, such as 12.")
    var osVersion: String?

    @Option(help: "Architecture, such as x86_64.")
    var arch: String?

    @Option(help: "Title of the document.")
    var title: String?

    @Option(help: "Description of the image.")
    var description: String?

    @Option(help: "Version of the image.")
    var version: String?

    @Option(help: "base, grid, machine or disk.")
    var type: ImageRequest.ImageType?

    @Option(help: "Author of the image.")
    var creator: String?

    @Option(help: "The marketplace's tag.")
    var tag: String?

    @Option(help: "Days the document is valid, 1 to 3650; 178 by default.")
    var validDays: Int?

    /// Fields of a request and the flags that set them.
    private static let flags = [
        "name": "--name", "source.url": "--url", "digests": "--checksum",
        "checksumFiles": "--checksum-file", "acceptWeakDigests": "--accept-weak",
        "requireSignature": "--require-signature",
        "metadata.os": "--os", "metadata.osVersion": "--os-version", "metadata.osArch": "--arch",
        "metadata.title": "--title", "metadata.description": "--description",
        "metadata.version": "--version", "metadata.creator": "--creator", "metadata.tag": "--tag",
        "metadata.validDays": "--valid-days",
    ]

    /// Whether any flag was given.
    var isEmpty: Bool {
        let texts = [name, url, os, osVersion, arch, title, description, version, creator, tag]
        return texts.allSatisfy { $0 == nil } && format == nil && compression == nil
            && type == nil && validDays == nil && checksum.isEmpty && checksumFile.isEmpty
            && acceptWeak.isEmpty && checksumSignature.isEmpty && !requireSignature
    }

    /// - Throws: `ValidationError` with every problem, by flag.
    func request() throws -> ImageRequest {
        let required: [(String, Bool)] = [
            ("--name", name != nil), ("--url", url != nil), ("--format", format != nil),
            ("--os", os != nil), ("--os-version", osVersion != nil), ("--arch", arch != nil),
        ]
        var problems = required.filter { !$0.1 }.map { "\($0.0): is required" }
        var digests: [String: String] = [:]
        for text in checksum {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            if parts.count == 2, digests[parts[0]] == nil {
                digests[parts[0]] = parts[1]
            } else {
                problems.append("--checksum: '\(text)' must be algorithm:digest, one an algorithm")
            }
        }
        if !checksumSignature.isEmpty, checksumSignature.count != checksumFile.count {
            problems.append(
                "--checksum-signature: give one for each --checksum-file, in the same order")
        }
        let request = ImageRequest(
            name: name ?? "x",
            source: .init(
                url: url ?? "http://x/", format: format ?? .raw, compression: compression),
            digests: digests.isEmpty ? nil : digests,
            checksumFiles: checksumFiles,
            acceptWeakDigests: acceptWeak.isEmpty ? nil : acceptWeak,
            requireSignature: requireSignature ? true : nil,
            metadata: .init(
                title: title, description: description, os: os ?? "x", osVersion: osVersion ?? "x",
                osArch: arch ?? "x", version: version, type: type, tag: tag, creator: creator,
                validDays: validDays))
        problems += (request.problems() + [request.evidenceProblem()].compactMap { $0 }).map {
            "\(Self.flag(of: $0.field)): \($0.reason)"
        }
        guard problems.isEmpty else {
            throw ValidationError(problems.joined(separator: "\n"))
        }
        return request
    }

    private var checksumFiles: [ImageRequest.ChecksumFile]? {
        guard !checksumFile.isEmpty else { return nil }
        return checksumFile.enumerated().map { index, url in
            let isSigned = checksumSignature.indices.contains(index)
            return .init(url: url, signature: isSigned ? checksumSignature[index] : nil)
        }
    }

    /// The flag that set a field, or the field's own name.
    private static func flag(of field: String) -> String {
        if field.hasPrefix("checksumFiles["), field.hasSuffix("].signature") {
            return "--checksum-signature"
        }
        if let flag = flags[field] { return flag }
        let stem = field.prefix { $0 != "." && $0 != "[" }
        return flags[String(stem)] ?? field
    }
}

extension ImageRequest.Format: ExpressibleByArgument {}
extension ImageRequest.ImageType: ExpressibleByArgument {}
extension CompressionKind: ExpressibleByArgument {}
extension DigestAlgorithm: ExpressibleByArgument {}
