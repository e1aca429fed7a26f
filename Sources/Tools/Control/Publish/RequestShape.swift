// SPDX-License-Identifier: Apache-2.0
import Events

/// What a request file may hold and where: the request's fields as `schemas/request.schema.json`
/// has them. Values are judged later, by ``Events/ImageRequest/problems()``.
indirect enum RequestShape: Sendable {
    case text
    case integer
    case flag
    case choice([String])
    case list(RequestShape, countMax: Int = ImageRequest.listCountMax)
    /// Text by names of the user's choice.
    case map
    case table([Field])
    /// A mapping with exactly one of these fields; the placeholder stands in for a broken one.
    case oneOf([Field], placeholder: JSONValue)

    struct Field: Sendable {
        var name: String
        var shape: RequestShape
        /// For a required field: a sound value that stands in for a missing one, so that the rest
        /// of the request can still be judged.
        var placeholder: JSONValue?

        init(_ name: String, _ shape: RequestShape, placeholder: JSONValue? = nil) {
            self.name = name
            self.shape = shape
            self.placeholder = placeholder
        }
    }

    static let request = RequestShape.table([
        Field("name", .text, placeholder: .string("x")),
        Field("source", source, placeholder: sourcePlaceholder),
        Field("digests", .map),
        Field("checksumFiles", .list(checksumFile)),
        Field("acceptWeakDigests", .list(choice(DigestAlgorithm.self))),
        Field("requireSignature", .flag),
        Field("modifications", .list(modification, countMax: Modification.countMax)),
        Field("waivers", .list(waiver, countMax: ImageRequest.waiversMax)),
        Field("metadata", metadata, placeholder: metadataPlaceholder),
    ])

    private static let source = RequestShape.table([
        Field("url", .text, placeholder: sourcePlaceholder["url"]),
        Field("format", choice(ImageRequest.Format.self), placeholder: sourcePlaceholder["format"]),
        Field("compression", choice(CompressionKind.self)),
    ])

    private static let checksumFile = RequestShape.table([
        Field("url", .text, placeholder: sourcePlaceholder["url"]),
        Field("signature", .text), Field("entry", .text),
        Field("algorithm", choice(DigestAlgorithm.self)),
    ])

    private static let metadata = RequestShape.table([
        Field("title", .text), Field("description", .text),
        Field("os", .text, placeholder: .string("x")),
        Field("osVersion", .text, placeholder: .string("x")),
        Field("osArch", .text, placeholder: .string("x")),
        Field("version", .text), Field("type", choice(ImageRequest.ImageType.self)),
        Field("kind", .text), Field("tag", .text), Field("creator", .text),
        Field("publisher", .text), Field("serialNumber", .text), Field("hypervisor", .text),
        Field("disksBus", .text), Field("locations", .list(.text)), Field("validDays", .integer),
    ])

    private static let sourcePlaceholder = JSONValue.object([
        "url": .string("http://x/"), "format": .string("raw"),
    ])
    private static let metadataPlaceholder = JSONValue.object([
        "os": .string("x"), "osVersion": .string("x"), "osArch": .string("x"),
    ])

    static func choice<C: CaseIterable & RawRepresentable<String>>(
        _ type: C.Type
    ) -> RequestShape {
        .choice(C.allCases.map(\.rawValue))
    }
}
