// SPDX-License-Identifier: Apache-2.0

/// What an endorser asks to be changed about a published image: the section `revision` of
/// `image.withdrawn` and `image.renewed`, carried to `metadata.uploaded`.
///
/// The revised document is signed and uploaded as a new entry of the same image by the same
/// endorser; it takes the place of the endorser's older ones, in the marketplace and in the list.
public struct DocumentRevision: Section {
    public static let key = "revision"

    public var change: Change
    /// The signed document that is revised, by its bytes.
    public var published: BlobReference
    /// That document as text, for a store that does not hold it. At most ``textBytesMax`` bytes.
    /// The metadata stage puts it into the store and emits the section without it.
    public var publishedText: String?
    /// The image's StratusLab identifier, 27 characters.
    public var identifier: String
    /// When it was asked for: dcterms:created of the new endorsement.
    public var requestTime: Timestamp
    /// Why the image should not be used any more, 1 to 1024 characters on one line: becomes
    /// slterms:deprecated. Needed for a withdrawal, and for nothing else.
    public var reason: String?
    /// How long the renewed document is valid, 1 to 3650 days from ``requestTime``; 178 by
    /// default. Only for a renewal.
    public var validDays: Int?

    public enum Change: String, Codable, Sendable, Hashable, CaseIterable {
        case withdrawn, renewed

        /// The event that asks for it.
        public var event: EventType {
            switch self {
            case .withdrawn: .imageWithdrawn
            case .renewed: .imageRenewed
            }
        }
    }

    public init(
        change: Change, published: BlobReference, publishedText: String? = nil,
        identifier: String, requestTime: Timestamp, reason: String? = nil, validDays: Int? = nil
    ) {
        self.change = change
        self.published = published
        self.publishedText = publishedText
        self.identifier = identifier
        self.requestTime = requestTime
        self.reason = reason
        self.validDays = validDays
    }
}

extension DocumentRevision {
    /// Largest number of characters in ``reason``.
    public static let reasonLengthMax = 1024
    /// Largest ``publishedText`` in bytes: written as JSON, twice that fits into an event.
    public static let textBytesMax = 24_576

    /// Everything that is wrong with the section's form, in the order of its fields; empty when
    /// it can be worked on.
    public func problems() -> [FieldProblem] {
        var problems: [FieldProblem] = []
        func add(_ field: String, _ reason: String?) {
            if let reason { problems.append(FieldProblem(field: field, reason: reason)) }
        }
        if !published.isWellFormed {
            add("published", "must be a SHA-256 in lower-case hexadecimal and a size")
        }
        if let publishedText, publishedText.utf8.count > Self.textBytesMax {
            add("publishedText", "must have at most \(Self.textBytesMax) bytes")
        }
        add("identifier", RequestRule.identifier(identifier))
        add("reason", reasonProblem)
        add("validDays", validDaysProblem)
        return problems
    }

    private var reasonProblem: String? {
        switch (change, reason) {
        case (.withdrawn, nil): "is needed: why should the image not be used any more?"
        case (.withdrawn, let reason?): RequestRule.text(reason, 1...Self.reasonLengthMax)
        case (.renewed, nil): nil
        case (.renewed, _): "is for a withdrawal only"
        }
    }

    private var validDaysProblem: String? {
        let range = ImageRequest.validDaysRange
        switch (change, validDays) {
        case (_, nil): return nil
        case (.withdrawn, _): return "is for a renewal only"
        case (.renewed, let days?):
            return range.contains(days)
                ? nil : "must be \(range.lowerBound) to \(range.upperBound) days"
        }
    }
}
