// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import StratusLab

/// What `stratus-build-metadata` can be told about an image.
struct MetadataDescriptionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional, help: ArgumentHelp("Author of the new image.", valueName: "name"))
    var author = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Image type (base, grid, machine, disk).", valueName: "name"))
    var type = "base"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Image kind (machine, disk).", valueName: "name"))
    var kind = "machine"

    @Option(parsing: .unconditional, help: ArgumentHelp("Operating system.", valueName: "name"))
    var os = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Operating system version.", valueName: "version"))
    var osVersion = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Operating system architecture.", valueName: "arch"))
    var osArch = ""

    @Option(parsing: .unconditional, help: ArgumentHelp("Image version.", valueName: "version"))
    var imageVersion = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Image format: raw or qcow2.", valueName: "format"))
    var format = "raw"

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Hypervisor (kvm, xen).", valueName: "name"))
    var hypervisor = "kvm"

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Where the image is; may be repeated.", valueName: "uri"))
    var location: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How the image is compressed: none, gz, bz2, xz or zstd; recognised when not given.",
            valueName: "ext"))
    var compression: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Title of the image.", valueName: "text"))
    var title = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Alternative name for the image.", valueName: "text"))
    var tag = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Comment: the description of the image.", valueName: "text"))
    var comment = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Disks bus type: ide, scsi or virtio.", valueName: "type"))
    var disksBus = "ide"

    func validate() throws {
        guard ["ide", "scsi", "virtio"].contains(disksBus) else {
            throw ValidationError(
                "Unknown disks bus type \(disksBus). Available types: ide, scsi, virtio")
        }
        guard ImageRequest.Format(rawValue: format) != nil else {
            throw ValidationError("Unknown image format \(format). Available formats: raw, qcow2")
        }
        _ = try compressionKind()
    }

    /// nil: to be recognised.
    func compressionKind() throws -> CompressionKind? {
        guard let compression, !compression.isEmpty else { return nil }
        guard let kind = CompressionKind(rawValue: compression) else {
            throw ValidationError("--compression must be none, gz, bz2, xz or zstd")
        }
        return kind
    }

    /// The fields that do not depend on the image's bytes.
    func fields() throws -> MetadataFields {
        var fields = MetadataFields()
        fields.creator = author
        fields.type = type
        fields.kind = kind
        fields.os = os
        fields.osVersion = osVersion
        fields.osArch = osArch
        fields.version = imageVersion
        fields.format = format
        fields.hypervisor = hypervisor
        fields.locations = location.filter { !$0.isEmpty }
        fields.title = title
        fields.tag = tag
        fields.description = comment
        fields.disksBus = disksBus
        fields.publisher = "StratusLab"
        return fields
    }
}
