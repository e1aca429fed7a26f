// SPDX-License-Identifier: Apache-2.0

/// StratusLab's user configuration, `~/.stratuslab/stratuslab-user.cfg`: the values of its section
/// `[default]` and, over them, of the section that is selected.
///
/// The format is that of Python's `SafeConfigParser`
/// (https://docs.python.org/2.7/library/configparser.html): `key = value` or `key: value`, comment
/// lines with `#` or `;`, ` ;` before a comment behind a value, `%(key)s` for another value and
/// `%%` for a percent sign.
struct StratusLabConfiguration: Sendable, Hashable {
    /// Values by key, in lower case.
    private let values: [String: String]

    /// Largest file, in bytes.
    static let bytesMax = 1 << 20
    /// Values inside values, as Python limits them.
    private static let interpolationDepthMax = 10
    private static let valueBytesMax = 4096

    /// - Parameter section: the section to use; when nil, the one that `[default]` names with
    ///   `selected_section`, if any.
    init(_ text: String, section: String?) throws(StratusLabConfigurationError) {
        let sections = try Self.sections(text)
        guard var values = sections["default"] else { throw .noSection("default") }
        let selected = section ?? values["selected_section"] ?? ""
        if !selected.isEmpty {
            guard let own = sections[selected] else { throw .noSection(selected) }
            values.merge(own) { $1 }
        }
        self.values = values
    }

    /// The value of a key; nil when it is absent or empty.
    func value(_ key: String) throws(StratusLabConfigurationError) -> String? {
        guard let raw = values[key], !raw.isEmpty else { return nil }
        return try interpolated(raw, key, depth: 0)
    }

    private func interpolated(
        _ raw: String, _ key: String, depth: Int
    ) throws(StratusLabConfigurationError) -> String {
        guard depth < Self.interpolationDepthMax else { throw .badValue(key) }
        var result = ""
        var rest = raw[...]
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                result += "%"
                rest = rest.dropFirst()
            } else if rest.first == "(", let end = rest.firstRange(of: ")s"),
                let inner = values[rest.dropFirst()[..<end.lowerBound].lowercased()]
            {
                result += try interpolated(inner, key, depth: depth + 1)
                rest = rest[end.upperBound...]
            } else {
                throw .badValue(key)
            }
            guard result.utf8.count <= Self.valueBytesMax else { throw .badValue(key) }
        }
        return result + rest
    }

    private static func sections(
        _ text: String
    ) throws(StratusLabConfigurationError) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            let content = trimmed(line)
            // Indented lines go on with a value; none of those read here has more than one line.
            guard let first = line.first, !"#;".contains(first), !first.isWhitespace else {
                continue
            }
            if content.first == "[", let end = content.firstIndex(of: "]") {
                let name = String(content[content.index(after: content.startIndex)..<end])
                if sections[name] == nil { sections[name] = [:] }
                current = name
                continue
            }
            guard let current, let (key, value) = pair(content) else { throw .badLine(number + 1) }
            sections[current, default: [:]][key] = value
        }
        return sections
    }

    private static func pair(_ line: Substring) -> (key: String, value: String)? {
        guard let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
        let key = trimmed(line[..<mark]).lowercased()
        var value = trimmed(line[line.index(after: mark)...])
        if let comment = value.firstRange(of: " ;") {
            value = trimmed(value[..<comment.lowerBound])
        }
        return key.isEmpty ? nil : (key, value == "\"\"" ? "" : String(value))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

/// What is wrong with StratusLab's user configuration. No case holds a value.
enum StratusLabConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    case noSection(String)
    case badLine(Int)
    case badValue(String)

    var description: String {
        switch self {
        case .noSection(let name): "No section: '\(name.prefix(64))'"
        case .badLine(let number): "line \(number) is neither a section nor 'key = value'"
        case .badValue(let key): "'\(key)' has a '%' that stands for no value"
        }
    }
}
