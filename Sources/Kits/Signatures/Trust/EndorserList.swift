// SPDX-License-Identifier: Apache-2.0

/// The endorsers whose signature counts, by the subjects of their certificates.
///
/// A name must be written exactly as ``Certificate/subject`` is, byte for byte: no other order, no
/// other case of letters, no other spelling of the same character.
public struct EndorserList: Sendable, Hashable {
    private let names: Set<[UInt8]>

    /// Most names in a list.
    private static let namesMax = 100_000
    /// Longest file, in bytes.
    private static let bytesMax = 16 << 20

    public init(distinguishedNames: [String]) {
        names = Set(distinguishedNames.map { Array($0.utf8) })
    }

    /// Reads one name per line; blank lines, and lines that begin with `#`, say nothing.
    ///
    /// - Throws: ``SignaturesError/invalidEndorserList(line:reason:)``.
    public init(parsing text: String) throws(SignaturesError) {
        var names: [String] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let name = Self.trimmed(line)
            if name.isEmpty || name.hasPrefix("#") { continue }
            guard name.utf8.contains(UInt8(ascii: "=")), !name.hasPrefix("/") else {
                throw .invalidEndorserList(
                    line: index + 1,
                    reason: "not a distinguished name such as 'CN=Jane Doe,O=Example,C=FR'")
            }
            names.append(name)
            guard names.count <= Self.namesMax else {
                throw .invalidEndorserList(
                    line: index + 1, reason: "more than \(Self.namesMax) names")
            }
        }
        self.init(distinguishedNames: names)
    }

    /// The same from a file in UTF-8.
    public init(path: String) throws(SignaturesError) {
        let bytes = try BoundedFile.read(path: path, bytesMax: Self.bytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadableFile(path: path, reason: "not UTF-8")
        }
        try self.init(parsing: text)
    }

    public var isEmpty: Bool { names.isEmpty }

    public func contains(_ certificate: Certificate) -> Bool {
        names.contains(Array(certificate.subject.utf8))
    }

    /// Without the blanks around it; a blank that a backslash escapes belongs to the name.
    private static func trimmed(_ line: Substring) -> String {
        var name = line.drop { $0 == " " || $0 == "\t" }
        while let last = name.last, last == " " || last == "\t" {
            let rest = name.dropLast()
            if last == " ", !rest.reversed().prefix(while: { $0 == "\\" }).count.isMultiple(of: 2) {
                break
            }
            name = rest
        }
        return String(name)
    }
}
