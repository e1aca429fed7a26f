// SPDX-License-Identifier: Apache-2.0

/// What a guest says of its system, in os-release(5).
struct OSRelease: Sendable, Hashable {
    /// Such as `debian`.
    var id: String
    var version: String?
    var prettyName: String?

    /// Where the file may be; the first one counts.
    static let paths = ["/etc/os-release", "/usr/lib/os-release"]
    static let bytesMax = 16 << 10

    /// Nil when there is no such file, or it does not name a system.
    init?(_ guest: Guest) {
        var findings: [Finding] = []
        for path in Self.paths {
            guard let text = guest.text(path, &findings) else { continue }
            self.init(text)
            return
        }
        return nil
    }

    init?(_ text: GuestText) {
        var values: [Substring: String] = [:]
        for line in text.lines {
            guard let statement = line.statement, let mark = statement.firstIndex(of: "=") else {
                continue
            }
            // As in a shell, the last assignment counts.
            values[statement[..<mark]] = Self.value(statement[statement.index(after: mark)...])
        }
        guard let id = values["ID"], !id.isEmpty else { return nil }
        self.id = id
        version = values["VERSION_ID"].flatMap { $0.isEmpty ? nil : $0 }
        prettyName = values["PRETTY_NAME"]
    }

    /// A value as a shell reads it: quotes around it, and backslashes inside, are taken away.
    private static func value(_ text: Substring) -> String {
        var value = ""
        var quote: Character?
        var isEscaped = false
        for character in text.prefix(1_000) {
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else {
                value.append(character)
            }
        }
        return PlainText.line(value, lengthMax: 200)
    }
}

extension ScanReport.OperatingSystem {
    init(_ release: OSRelease) {
        self.init(id: release.id, version: release.version, prettyName: release.prettyName)
    }
}
