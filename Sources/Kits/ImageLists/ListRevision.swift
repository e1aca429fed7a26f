// SPDX-License-Identifier: Apache-2.0
public import Events

/// A revised document of an image in the list: what withdraws the image, or renews its entry.
public struct ListRevision: Sendable, Hashable {
    public var change: DocumentRevision.Change
    /// The image's StratusLab identifier. All entries of it that the same endorser vouches for
    /// are withdrawn or renewed, whatever their names.
    public var identifier: String
    public var publication: String
    public var requestTime: Timestamp
    /// The marketplace entry's URL of the revised document.
    public var location: String
    /// Lower-case hexadecimal SHA-256 of the revised document.
    public var documentSHA256: String
    /// The endorser's e-mail address and distinguished name.
    public var endorser: String
    public var endorserSubject: String
    /// Why the image is withdrawn.
    public var reason: String?

    public init(
        change: DocumentRevision.Change, identifier: String, publication: String,
        requestTime: Timestamp, location: String, documentSHA256: String, endorser: String,
        endorserSubject: String, reason: String? = nil
    ) {
        self.change = change
        self.identifier = identifier
        self.publication = publication
        self.requestTime = requestTime
        self.location = location
        self.documentSHA256 = documentSHA256
        self.endorser = endorser
        self.endorserSubject = endorserSubject
        self.reason = reason
    }

    /// The first thing that keeps this revision out of a list, or nil.
    public var problem: FieldProblem? { revised(Self.anyEntry).problem }

    private static let anyEntry = UpdatedList.Entry(
        name: "any", version: nil, identifier: "", publication: "",
        requestTime: Timestamp(seconds: 0), location: "", documentSHA256: "", endorser: "")

    /// Whether `entry` is of the image and the endorser that this revision is of. Entries of old
    /// lists do not say the endorser's subject; their address decides.
    func concerns(_ entry: UpdatedList.Entry) -> Bool {
        guard entry.identifier == identifier else { return false }
        guard let subject = entry.endorserSubject else { return entry.endorser == endorser }
        return subject == endorserSubject
    }

    /// The entry with the revised document in place of its own. It keeps its request's time: a
    /// renewal is no newer version of the image.
    func revised(_ entry: UpdatedList.Entry) -> UpdatedList.Entry {
        UpdatedList.Entry(
            name: entry.name, version: entry.version, identifier: identifier,
            publication: publication, requestTime: entry.requestTime, location: location,
            documentSHA256: documentSHA256, endorser: endorser, endorserSubject: endorserSubject,
            waivers: entry.waivers)
    }

    /// The entry as it is announced when this revision takes it out of the list.
    func withdrawn(_ entry: UpdatedList.Entry) -> UpdatedList.Entry {
        var copy = entry
        copy.withdrawnBy = publication
        copy.withdrawalReason = reason
        return copy
    }
}
