// SPDX-License-Identifier: Apache-2.0
public import Events

/// Who attests what on the two ways to a signature: from an image, and from a revision.
public enum AttestedWay: Sendable, Hashable {
    case image, revision

    /// The stages that attest, in the order of their work.
    public static let allStages: [Stage] = [.fetcher, .verifier, .modifier, .scanner, .metadata]

    /// The way of an event with these sections.
    public init(of data: [String: JSONValue]) {
        self = data[DocumentRevision.key] == nil ? .image : .revision
    }

    public var stages: [Stage] {
        switch self {
        case .image: Self.allStages
        case .revision: [.metadata]
        }
    }

    /// The events that a stage works on, on this way.
    func inputs(of stage: Stage) -> [EventType] {
        let revisions: [EventType] = [.imageWithdrawn, .imageRenewed]
        return stage.consumes.filter { revisions.contains($0) == (self == .revision) }
    }

    /// The section that a publication begins with.
    var origin: String {
        switch self {
        case .image: ImageRequest.key
        case .revision: DocumentRevision.key
        }
    }

    /// The section that a stage adds; nil for one that does not attest.
    public static func section(of stage: Stage) -> String? {
        switch stage {
        case .fetcher: Fetched.key
        case .verifier: Verified.key
        case .modifier: Modified.key
        case .scanner: Scanned.key
        case .metadata: BuiltMetadata.key
        case .signer, .uploader, .listPublisher, .siteNotifier: nil
        }
    }

    /// What a stage's statement is about: the image as the stage left it, and the document that
    /// the metadata stage has made.
    ///
    /// - Parameter name: the event's subject.
    static func subjects(
        of stage: Stage, name: String, _ data: [String: JSONValue]
    ) throws(AttestationError) -> [StageStatement.Subject] {
        guard let section = section(of: stage) else { return [] }
        guard stage == .metadata else { return [try blob("blob", section, data, name)] }
        let filename = data[section]?["filename"]?.string ?? ""
        let document = try blob("document", section, data, filename)
        guard data[Modified.key] != nil else { return [document] }
        return [try blob("blob", Modified.key, data, name), document]
    }

    private static func blob(
        _ member: String, _ section: String, _ data: [String: JSONValue], _ name: String
    ) throws(AttestationError) -> StageStatement.Subject {
        guard let sha256 = data[section]?[member]?["sha256"]?.string,
            Digests.isHex(sha256, digits: 64)
        else { throw .unfit("\(section).\(member) is not a blob") }
        return StageStatement.Subject(name: name, sha256: sha256)
    }
}
