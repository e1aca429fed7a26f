// SPDX-License-Identifier: Apache-2.0
import Events

/// One digest that a checksum file lists.
struct ListedDigest: Sendable, Hashable {
    var algorithm: DigestAlgorithm
    /// Lower-case hexadecimal.
    var value: String
    /// Nil when the line holds nothing but the digest.
    var name: String?
    /// From 1.
    var line: Int
}

/// A file such as `SHA256SUMS`, as the tools of the field write them.
///
/// Understood are the lines of md5sum and its kin (`HASH  name`, `HASH *name`, escaped names),
/// of `--tag`, BSD and OpenSSL (`SHA256 (name) = HASH`), and a digest alone. Anything else, such
/// as comments or other algorithms, is passed over.
struct ChecksumListing: Sendable {
    /// Largest file in bytes.
    static let bytesMax = 1 << 20
    static let linesMax = 100_000
    /// Longer lines are passed over.
    static let lineBytesMax = 4096

    /// What messages call the file.
    private let url: String
    private(set) var digests: [ListedDigest] = []

    /// - Parameters:
    ///   - algorithm: for lines without a tag; others are passed over then. Their length tells by
    ///     default.
    ///   - firstLine: the number of the first line, where these bytes are a part of a file.
    /// - Throws: ``Refusal`` for a file beyond the limits.
    init(
        _ bytes: [UInt8], algorithm: DigestAlgorithm? = nil, firstLine: Int = 1, url: String
    ) throws(Refusal) {
        self.url = url
        guard bytes.count <= Self.bytesMax else {
            throw Refusal(
                "checksum-file-invalid",
                "\(url) has \(bytes.count) bytes; a checksum file may have \(Self.bytesMax)",
                ["source": url])
        }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        let newline = UInt8(ascii: "\n")
        let lines = text.split(separator: newline, omittingEmptySubsequences: false)
        guard lines.count <= Self.linesMax else {
            throw Refusal(
                "checksum-file-invalid",
                "\(url) has \(lines.count) lines; a checksum file may have \(Self.linesMax)",
                ["source": url])
        }
        for (index, line) in lines.enumerated() where line.count <= Self.lineBytesMax {
            let number = index + firstLine
            guard let digest = ChecksumLine(line).digest(hint: algorithm, number: number)
            else { continue }
            digests.append(digest)
        }
    }

    /// The digests listed for a file, one per algorithm, in the order of the lines.
    ///
    /// A line that names exactly `entry` is taken; only where there is none, those whose path ends
    /// in it (`releases/3.0/name` for `name`). A file of digests without any names is about the
    /// one file beside it. Equal repetitions are one digest.
    ///
    /// - Throws: ``Refusal`` with the rule `checksum-entry-missing` or `checksum-conflict`.
    func digests(for entry: String) throws(Refusal) -> [ListedDigest] {
        let matches = lines(for: entry)
        guard !matches.isEmpty else {
            throw Refusal(
                "checksum-entry-missing",
                "\(url) lists no digest for '\(entry)' (it has \(digests.count) others);"
                    + " name the right line with checksumFiles.entry",
                ["source": url, "entry": entry])
        }
        var result: [ListedDigest] = []
        for match in matches {
            guard let first = result.first(where: { $0.algorithm == match.algorithm }) else {
                result.append(match)
                continue
            }
            if first.value != match.value { throw conflict(first, match, entry) }
        }
        return result
    }

    private func lines(for entry: String) -> [ListedDigest] {
        let wanted = EntryName.normalised(entry)
        guard !wanted.isEmpty else { return [] }
        let named = digests.filter { $0.name != nil }
        if named.isEmpty { return digests }
        let exact = named.filter { EntryName.normalised($0.name ?? "") == wanted }
        guard exact.isEmpty else { return exact }
        return named.filter { EntryName.normalised($0.name ?? "").hasSuffix("/" + wanted) }
    }

    private func conflict(
        _ first: ListedDigest, _ second: ListedDigest, _ entry: String
    ) -> Refusal {
        Refusal(
            "checksum-conflict",
            "\(url) contradicts itself about '\(entry)': \(first.algorithm.displayName) is"
                + " \(first.value) in line \(first.line), \(second.value) in line \(second.line)",
            [
                "source": url, "entry": entry, "algorithm": first.algorithm.rawValue,
                "line": "\(first.line)", "first": first.value, "otherLine": "\(second.line)",
                "second": second.value,
            ])
    }
}
