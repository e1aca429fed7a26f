// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists

enum Sample {
    /// An entry whose every field follows from its name, number and time.
    static func entry(
        _ name: String, _ number: Int = 1, at seconds: Int64 = 1_700_000_000,
        version: String? = "1.0"
    ) -> UpdatedList.Entry {
        let digits = String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
        let identifier = String((name + "-\(number)-aaaaaaaaaaaaaaaaaaaaaaaaaaa").prefix(27))
            .replacing(".", with: "_").replacing("+", with: "_")
        return UpdatedList.Entry(
            name: name, version: version, identifier: identifier,
            publication: "00000000-0000-4000-8000-\(digits)",
            requestTime: Timestamp(seconds: seconds),
            location: "https://market.example.org/metadata/\(identifier)/jane@example.org/2026",
            documentSHA256: String(repeating: "ab", count: 32), endorser: "jane@example.org",
            endorserSubject: "CN=Jane\\, É,O=Example")
    }

    /// Applies batch after batch to an empty list.
    static func files(
        _ batches: [[UpdatedList.Entry]], from start: ListFiles = ListFiles()
    ) throws -> ListFiles {
        var files = start
        for batch in batches {
            files = try catalogue(files).settling(batch).files ?? files
        }
        return files
    }

    static func catalogue(_ files: ListFiles) throws -> ImageCatalogue {
        try ImageCatalogue(name: "image_list", files: files)
    }

    /// The withdrawal or renewal of `entry` by its endorser.
    static func revision(
        _ change: DocumentRevision.Change, of entry: UpdatedList.Entry, _ number: Int,
        at seconds: Int64, reason: String = "a hole = 100 %\nserial 9"
    ) -> ListRevision {
        let other = self.entry("revision", number)
        return ListRevision(
            change: change, identifier: entry.identifier, publication: other.publication,
            requestTime: Timestamp(seconds: seconds), location: entry.location + "-\(number)",
            documentSHA256: String(repeating: "c\(number % 10)", count: 32),
            endorser: entry.endorser, endorserSubject: entry.endorserSubject ?? "",
            reason: change == .withdrawn ? reason : nil)
    }

    /// Applies requests as list-publisher does, in one go or one after the other.
    static func files(
        asking requests: [ListRequest], from start: ListFiles = ListFiles()
    ) throws -> (files: ListFiles, verdicts: [String: Settlement.Verdict]) {
        var files = start
        var verdicts: [String: Settlement.Verdict] = [:]
        for group in ListRequest.groups(of: requests) {
            let settlement = try catalogue(files).settling(group)
            files = settlement.files ?? files
            verdicts.merge(settlement.verdicts) { $1 }
        }
        return (files, verdicts)
    }
}

extension ImageCatalogue {
    func settling(_ entries: [UpdatedList.Entry], url: String? = nil) throws -> Settlement {
        try settling(entries.map(ListRequest.listing), url: url)
    }
}

/// SplitMix64: a small generator that a printed seed replays.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
