// SPDX-License-Identifier: Apache-2.0
import Events

/// The configuration of a guest's OpenSSH daemon, as sshd_config(5) has it read: the first value
/// of an option counts, and within Match blocks that apply, before any outside of them.
struct SSHDaemon: Sendable {
    /// What of the configuration could not be judged.
    private(set) var findings: [Finding] = []
    private var directives: [Directive] = []
    private var blocks: [Block] = []
    private var includeCount = 0
    private let version: (major: Int, minor: Int)?
    private let isRedHat: Bool

    /// A line that sets an option.
    private struct Directive {
        var keyword: String
        var arguments: [String]
        /// Index of the Match block it stands in; nil outside of them.
        var block: Int?
    }

    private struct Block {
        /// Whether root may log in such that it applies.
        var mayConcernRoot: Bool
        var isUnconditional: Bool
    }

    private static let folder = "/etc/ssh"
    private static let files = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"]
    private static let programs = [
        "/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd",
    ]
    private static let folders = ["/etc/ssh", "/usr/etc/ssh"]
    /// What Red Hat's, Fedora's and SUSE's configurations include: a link to ciphers.
    private static let cryptoPolicy = "/etc/crypto-policies/back-ends/opensshserver.config"
    /// Of names without `**` the inspection follows links.
    static let needs =
        (folders.map { "\($0)/**" } + files + folders.map { "\($0)/sshd_config.d/*" }
        + [cryptoPolicy]).map {
            InspectionQuery.Pattern($0, contentBytesMax: 64 << 10)
        } + programs.map { InspectionQuery.Pattern($0) }

    /// Includes within includes, as sshd has it.
    private static let depthMax = 16
    /// More lines, Match blocks or includes are a finding: files may include each other.
    private static let directivesMax = 10_000
    private static let blocksMax = 64
    private static let includesMax = 256

    /// Nil when the guest has no such daemon.
    init?(_ guest: Guest) {
        let packages = guest.facts.packages
        let package = packages?.installed.first { ["openssh-server", "openssh"].contains($0.name) }
        let file = Self.files.first { guest.entry($0) != nil }
        guard
            file != nil || package?.name == "openssh-server"
                || Self.programs.contains(where: { guest.entry($0) != nil })
        else { return nil }
        version = package.flatMap { Self.version($0.version) }
        isRedHat = packages?.manager == .rpm
        if let file { read(file, guest, block: nil, depth: 0) }
        if blocks.count > Self.blocksMax || directives.count > Self.directivesMax
            || includeCount > Self.includesMax
        {
            findings.append(Finding("the configuration of sshd is too long to judge", path: file))
        }
    }

    /// Where keys are looked for, with sshd's tokens; relative to the account's home.
    var authorizedKeysFiles: [String] {
        let all = directives.filter { $0.keyword == "authorizedkeysfile" }
        return all.flatMap(\.arguments)
    }

    /// Whether root can log in with a password, by some way that a client can choose.
    var permitsRootPassword: Bool {
        let conditional = blocks.indices.prefix(Self.blocksMax).filter {
            blocks[$0].mayConcernRoot && !blocks[$0].isUnconditional
        }
        // What one block permits, another may complete; more of them hardly ever meet.
        return permitsRootPassword(with: [])
            || conditional.contains { one in
                conditional.contains { permitsRootPassword(with: [one, $0]) }
            }
    }

    private func permitsRootPassword(with chosen: Set<Int>) -> Bool {
        let active = chosen.union(
            blocks.indices.filter { blocks[$0].isUnconditional && blocks[$0].mayConcernRoot })
        func value(_ keyword: String, default fallback: String) -> [String] {
            let all = directives.lazy.filter { $0.keyword == keyword }
            let found =
                all.first { $0.block.map(active.contains) ?? false }
                ?? all.first { $0.block == nil }
            return found.map { $0.arguments.map { $0.lowercased() } } ?? [fallback]
        }
        func isOn(_ keyword: String, default fallback: String) -> Bool {
            ["yes", "true"].contains(value(keyword, default: fallback).first)
        }
        guard isOn("permitrootlogin", default: rootLoginDefault) else { return false }
        let asks =
            isOn("passwordauthentication", default: "yes")
            || (isOn("kbdinteractiveauthentication", default: "yes")
                && isOn("usepam", default: "no"))
        return asks && Self.allowsPassword(value("authenticationmethods", default: "any"))
    }

    /// Whether a password alone suffices: in one of the alternatives, each method takes one.
    private static func allowsPassword(_ alternatives: [String]) -> Bool {
        alternatives.contains { alternative in
            alternative.split(separator: ",").allSatisfy { method in
                method == "any" || method == "none" || method == "password"
                    || method.hasPrefix("keyboard-interactive")
            }
        }
    }

    /// OpenSSH 7.0 changed the default from `yes`. Red Hat's and Fedora's packages kept that until
    /// Fedora 31, which brought 8.1.
    private var rootLoginDefault: String {
        guard let version else { return "prohibit-password" }
        return version < (isRedHat ? (8, 1) : (7, 0)) ? "yes" : "prohibit-password"
    }

    /// Of a package's version, such as `1:9.2p1-2+deb12u3`.
    private static func version(_ text: String) -> (major: Int, minor: Int)? {
        let upstream = text.split(separator: ":").last ?? ""
        let numbers = upstream.split(maxSplits: 2) { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
}

// MARK: - Reading

extension SSHDaemon {
    private mutating func read(_ path: String, _ guest: Guest, block outer: Int?, depth: Int) {
        guard let text = guest.text(path, &findings) else { return }
        // A Match block ends with its file.
        var block = outer
        for line in text.lines where directives.count <= Self.directivesMax {
            guard let (keyword, arguments) = Self.words(line.text) else { continue }
            switch keyword {
            case "match":
                guard blocks.count <= Self.blocksMax else { return }
                blocks.append(Self.block(arguments, within: outer.map { blocks[$0] }))
                block = blocks.count - 1
            case "include":
                for pattern in arguments {
                    include(pattern, guest, block: block, depth: depth, from: path)
                }
            default:
                directives.append(
                    Directive(
                        keyword: Self.aliases[keyword] ?? keyword, arguments: arguments,
                        block: block))
            }
        }
    }

    private mutating func include(
        _ pattern: String, _ guest: Guest, block: Int?, depth: Int, from path: String
    ) {
        includeCount += 1
        guard includeCount <= Self.includesMax else { return }
        let full = GuestPath.normal(
            pattern.hasPrefix("/") ? pattern : "\(Self.folder)/\(pattern)")
        let isKnown =
            full == Self.cryptoPolicy || Self.folders.contains { GuestPath.isInside(full, $0) }
        guard isKnown, depth < Self.depthMax, !full.contains(where: "?[{~\\".contains) else {
            findings.append(
                Finding("includes '\(pattern)', which was not looked into", path: path))
            return
        }
        let glob = Glob(full.replacing("**", with: "*"))
        let components = full.split(separator: "/")
        let files = guest.facts.entries.map(\.path).filter { path in
            // As glob(3) has it: a wildcard does not begin a hidden name.
            glob.matches(path)
                && zip(path.split(separator: "/"), components).allSatisfy { name, component in
                    !name.hasPrefix(".") || component.hasPrefix(".")
                }
        }
        // Names come in the order of bytes.
        for file in files.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            read(file, guest, block: block, depth: depth + 1)
        }
    }

    private static let aliases = [
        "challengeresponseauthentication": "kbdinteractiveauthentication",
        "skeyauthentication": "kbdinteractiveauthentication",
        "dsaauthentication": "pubkeyauthentication",
    ]

    /// Keyword in lower case and arguments of a line; nil for a comment or an empty line.
    private static func words(_ line: Substring) -> (String, [String])? {
        let line = line.trimmed
        var keyword = line.prefix { !$0.isWhitespace && $0 != "=" && $0 != "\"" }
        guard !keyword.hasPrefix("#") else { return nil }
        var rest = line.dropFirst(keyword.count)
        if rest.hasPrefix("\"") {
            // What is quoted belongs to the keyword and ends it.
            let quoted = rest.dropFirst().prefix { $0 != "\"" }
            keyword += quoted
            rest = rest.dropFirst(quoted.count + 2)
        }
        guard !keyword.isEmpty else { return nil }
        // One equals sign may follow, with or without spaces.
        rest = rest.trimmed
        if rest.hasPrefix("=") { rest = rest.dropFirst() }
        return (keyword.lowercased(), arguments(rest))
    }

    /// Words in which quotes and backslashes mean what they do to sshd's `argv_split`: they may
    /// stand inside of words, too. A `#` that begins a word begins a comment.
    private static func arguments(_ text: Substring) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.first,
                "\\\"'".contains(next) || (quote == nil && next == " ")
            {
                word = (word ?? "") + String(rest.removeFirst())
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else if quote == nil, word == nil, character == "#" {
                return words
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    private static func block(_ criteria: [String], within outer: Block?) -> Block {
        var block = outer ?? Block(mayConcernRoot: true, isUnconditional: true)
        var words = criteria.flatMap { $0.split(separator: "=", maxSplits: 1).map(String.init) }[
            ...]
        while let name = words.popFirst()?.lowercased() {
            switch name {
            case "all": break
            case "user":
                block.isUnconditional = false
                let patterns = words.popFirst() ?? ""
                block.mayConcernRoot = block.mayConcernRoot && matchesRoot(patterns)
            case "invalid-user": block.mayConcernRoot = false
            default:
                block.isUnconditional = false
                _ = words.popFirst()
            }
        }
        return block
    }

    /// A list as in ssh_config(5), PATTERNS: one that begins with `!` and matches refuses.
    private static func matchesRoot(_ list: String) -> Bool {
        let patterns = list.lowercased().split(separator: ",")
        func matches(_ pattern: Substring) -> Bool {
            Glob("/" + pattern.replacing("?", with: "*")).matches("/root")
        }
        return patterns.contains { !$0.hasPrefix("!") && matches($0) }
            && !patterns.contains { $0 == "!root" || $0 == "!*" }
    }
}
