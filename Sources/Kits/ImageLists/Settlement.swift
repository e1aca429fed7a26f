// SPDX-License-Identifier: Apache-2.0
public import Events

/// What ``ImageCatalogue/settling(_:url:)`` decided.
public struct Settlement: Sendable, Hashable {
    /// One per request, by publication.
    public var verdicts: [String: Verdict] = [:]
    /// What is to be committed; nil when nothing changes.
    public var batch: ChangelogBatch?
    /// Both files with ``batch`` applied; nil exactly when that is nil.
    public var files: ListFiles?

    public enum Verdict: Sendable, Hashable {
        /// Listed, renewed or withdrawn by this batch, now or before; it may have been replaced
        /// since.
        case done(ChangelogBatch)
        /// Never in the list: a later request (that publication) for the same name or image was
        /// there first.
        case superseded(by: String)
        /// The publication's identifier is already used by this different entry.
        case conflicting(UpdatedList.Entry)
        /// There is no entry to revise. `other` has the same image, but another endorser.
        case notListed(other: UpdatedList.Entry?)
    }
}
