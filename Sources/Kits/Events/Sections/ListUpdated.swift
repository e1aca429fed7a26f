// SPDX-License-Identifier: Apache-2.0

/// One commit of an image list: the section `list` of `list.updated`.
public struct UpdatedList: Section {
    public static let key = "list"

    /// The list's name, such as `image_list`.
    public var name: String
    /// Grows with every change; a reader refuses a lower one than it has seen.
    public var serial: Int
    /// Lower-case hexadecimal SHA-256 of `image_list.txt` at this serial.
    public var sha256: String
    /// Length of `image_list.txt` in bytes.
    public var size: Int
    /// Where readers find the list, when configured.
    public var url: String?
    /// The version control system's own name of the commit, when it has one.
    public var revision: String?
    public var added: [Entry]
    public var removed: [Entry]

    public init(
        name: String, serial: Int, sha256: String, size: Int, url: String? = nil,
        revision: String? = nil, added: [Entry], removed: [Entry]
    ) {
        self.name = name
        self.serial = serial
        self.sha256 = sha256
        self.size = size
        self.url = url
        self.revision = revision
        self.added = added
        self.removed = removed
    }

    /// One image in the list.
    public struct Entry: Codable, Sendable, Hashable {
        public var name: String
        public var version: String?
        public var identifier: String
        public var publication: String
        /// Time of the request; a later one replaces an earlier one under the same name.
        public var requestTime: Timestamp
        /// The marketplace entry's URL.
        public var location: String
        /// Lower-case hexadecimal SHA-256 of the signed document.
        public var documentSHA256: String
        /// The endorser's e-mail address.
        public var endorser: String
        /// The endorser's distinguished name (RFC 2253): who may withdraw or renew the image.
        public var endorserSubject: String?
        /// Of a removed entry that nothing replaces: the publication of its withdrawal.
        public var withdrawnBy: String?
        /// Why it was withdrawn.
        public var withdrawalReason: String?
        /// The security checks that found something in the image, and why its endorser lets it
        /// pass; nil when there are none.
        public var waivers: [Waiver]?

        public init(
            name: String, version: String?, identifier: String, publication: String,
            requestTime: Timestamp, location: String, documentSHA256: String, endorser: String,
            endorserSubject: String? = nil, withdrawnBy: String? = nil,
            withdrawalReason: String? = nil, waivers: [Waiver]? = nil
        ) {
            self.name = name
            self.version = version
            self.identifier = identifier
            self.publication = publication
            self.requestTime = requestTime
            self.location = location
            self.documentSHA256 = documentSHA256
            self.endorser = endorser
            self.endorserSubject = endorserSubject
            self.withdrawnBy = withdrawnBy
            self.withdrawalReason = withdrawalReason
            self.waivers = waivers
        }
    }
}
