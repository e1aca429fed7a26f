// SPDX-License-Identifier: Apache-2.0
public import Events
internal import Signatures

/// Identifiers that follow from their origin (UUID version 5, RFC 9562 section 5.5), so that a
/// repeated step names its result as the first one did.
public enum DerivedIdentifier {
    /// Namespace of all derived identifiers: fixed for ever, chosen at random once.
    private static let namespace: [UInt8] = [
        0x5b, 0x8d, 0x6e, 0x0a, 0x3f, 0x57, 0x4c, 0x61, 0x9d, 0x2e, 0x71, 0xc4, 0x08, 0xaf, 0x35,
        0x1b,
    ]

    /// The id of the event of `type` that follows from the event `input`.
    ///
    /// - Parameter discriminator: tells apart several events of one type from one input.
    public static func event(
        from input: String, type: EventType, discriminator: String = ""
    ) -> String {
        uuid(name: "event\n\(input)\n\(type.cloudEventsType)\n\(discriminator)")
    }

    /// The id of a progress report.
    public static func progress(from input: String, bytes: Int) -> String {
        event(from: input, type: .imageProgress, discriminator: "\(bytes)")
    }

    /// UUIDv5 of `name` in the pipeline's namespace, in lower case.
    public static func uuid(name: String) -> String {
        var bytes = Array(Digest.sha1(namespace + Array(name.utf8)).prefix(16))
        bytes[6] = (bytes[6] & 0x0f) | 0x50
        bytes[8] = (bytes[8] & 0x3f) | 0x80
        let digits = Digest.hex(bytes)
        let lengths = [8, 4, 4, 4, 12]
        var rest = Substring(digits)
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }
}
