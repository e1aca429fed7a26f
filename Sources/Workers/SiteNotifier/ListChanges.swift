// SPDX-License-Identifier: Apache-2.0
import Events

/// An announcement as people see it: each entry under the one word for what became of it.
struct ListChanges {
    private(set) var added: [UpdatedList.Entry] = []
    /// Of images that were published again under a listed name.
    private(set) var replaced: [UpdatedList.Entry] = []
    /// Of images that have got a new document, and are otherwise as they were.
    private(set) var renewed: [UpdatedList.Entry] = []
    private(set) var withdrawn: [UpdatedList.Entry] = []
    /// Gone without anybody's word.
    private(set) var removed: [UpdatedList.Entry] = []
    private let old: [String: UpdatedList.Entry]

    init(_ list: UpdatedList) {
        withdrawn = list.removed.filter { $0.withdrawnBy != nil }
        let others = list.removed.filter { $0.withdrawnBy == nil }
        old = Dictionary(others.map { ($0.name, $0) }) { first, _ in first }
        for entry in list.added {
            guard let before = old[entry.name] else {
                added.append(entry)
                continue
            }
            // A renewal keeps the time of the request that listed the image.
            let isRenewal =
                before.identifier == entry.identifier && before.requestTime == entry.requestTime
            if isRenewal { renewed.append(entry) } else { replaced.append(entry) }
        }
        let names = Set(list.added.map(\.name))
        removed = others.filter { !names.contains($0.name) }
    }

    /// The entry that this one stands in place of.
    func before(_ entry: UpdatedList.Entry) -> UpdatedList.Entry? { old[entry.name] }
}
