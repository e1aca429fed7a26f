// SPDX-License-Identifier: Apache-2.0
public import Events

/// What a publication asks of a list.
public enum ListRequest: Sendable, Hashable {
    /// To hold this entry, in place of any older one of its name.
    case listing(UpdatedList.Entry)
    case revision(ListRevision)

    public var publication: String {
        switch self {
        case .listing(let entry): entry.publication
        case .revision(let revision): revision.publication
        }
    }

    public var identifier: String {
        switch self {
        case .listing(let entry): entry.identifier
        case .revision(let revision): revision.identifier
        }
    }

    public var requestTime: Timestamp {
        switch self {
        case .listing(let entry): entry.requestTime
        case .revision(let revision): revision.requestTime
        }
    }

    /// The first thing that keeps it out of a list, or nil.
    public var problem: FieldProblem? {
        switch self {
        case .listing(let entry): entry.problem
        case .revision(let revision): revision.problem
        }
    }

    /// Cuts requests into groups, each for one commit, that one after another end where the single
    /// requests would in the order of their times: listings and revisions never share a group,
    /// and no group revises an image twice.
    public static func groups(of requests: [ListRequest]) -> [[ListRequest]] {
        var groups: [[ListRequest]] = []
        var revised: Set<String> = []
        for request in requests.sorted(by: { $0.precedes($1) }) {
            let isSame = groups.last?.last.map { $0.rank == 0 } == (request.rank == 0)
            if isSame, request.rank == 0 || !revised.contains(request.identifier) {
                groups[groups.count - 1].append(request)
            } else {
                groups.append([request])
                revised = []
            }
            if request.rank > 0 { revised.insert(request.identifier) }
        }
        return groups
    }

    /// What is asked for within the same second: whatever is withdrawn then stays withdrawn.
    private var rank: Int {
        switch self {
        case .listing: 0
        case .revision(let revision): revision.change == .renewed ? 1 : 2
        }
    }

    private func precedes(_ other: ListRequest) -> Bool {
        (requestTime, rank, publication) < (other.requestTime, other.rank, other.publication)
    }
}
