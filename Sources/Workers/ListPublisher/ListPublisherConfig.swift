// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Pipeline
import Signatures

/// Settings `list-publisher.*`.
struct ListPublisherConfig: WorkerConfiguration {
    let batchMax: Int
    let publication: ListPublication
    let check: DocumentCheck

    static let settings = [
        Setting(
            "list-publisher.target", .choice(["subversion", "git", "directory"]), required: true,
            help: "Where the list is kept."),
        Setting(
            "list-publisher.url", .text,
            help: "Subversion URL of a folder, or git remote; without credentials."),
        Setting(
            "list-publisher.branch", .text, default: "main", help: "Branch of the git repository."),
        Setting(
            "list-publisher.path", .text,
            help: "Folder of the list inside the repository; for a directory, the directory."),
        Setting(
            "list-publisher.working-copy", .path,
            help: "Local directory for working copies; may be lost at any time."),
        Setting(
            "list-publisher.list-name", .text, default: "image_list",
            help: "Name of the list: its files are NAME.txt and NAME.changelog."),
        Setting(
            "list-publisher.public-url", .url, help: "Where readers find NAME.txt, for events."),
        Setting(
            "list-publisher.author", .text,
            default: "imprimatur-list-publisher <imprimatur@localhost>",
            help: "Author of git commits: Name <address>."),
        Setting("list-publisher.user", .text, help: "User name for the repository."),
        Setting("list-publisher.password", .secret, help: "Password for the repository."),
        Setting(
            "list-publisher.batch-max", .integer(1...1000), default: "100",
            help: "The most images in one commit."),
        Setting(
            "list-publisher.ca", .path,
            help: "Authorities that endorsers' certificates must come from: a PEM file, or a"
                + " directory such as /etc/grid-security/certificates. Not checked if unset."),
        Setting(
            "list-publisher.crl", .path,
            help: "Revocation lists beside those in list-publisher.ca: a file or a directory."),
        Setting(
            "list-publisher.endorsers", .path,
            help: "File of the endorsers whose images are listed, with list-publisher.ca: one"
                + " distinguished name a line (RFC 2253, as in slreq:subject). Any if unset."),
        Setting(
            "list-publisher.allow-sha1-digest", .flag, default: "false",
            help: "List documents whose digest is SHA-1, as StratusLab's old client signed them."),
        Setting(
            "list-publisher.time-max", .duration(.seconds(1)...(.seconds(3600))), default: "5m",
            help: "Time for one svn or git command, hooks included, or for a directory's lock."),
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        let name = try values.require("list-publisher.list-name")
        if let problem = ImageList.nameProblem(name) {
            throw values.problem("list-publisher.list-name", problem.reason)
        }
        batchMax = try values.integer("list-publisher.batch-max")
        check = DocumentCheck(
            trust: try Self.trust(values),
            allowsSHA1Digest: values.flag("list-publisher.allow-sha1-digest"))
        publication = ListPublication(
            name: name, url: values.string("list-publisher.public-url"),
            target: try Self.target(values, name: name))
    }

    /// The files are read once here, so that a wrong path is told at the start.
    private static func trust(_ values: SettingValues) throws(ConfigurationError) -> EndorserTrust {
        let trust = EndorserTrust(
            authorities: values.string("list-publisher.ca").map { [$0] } ?? [],
            revocationLists: values.string("list-publisher.crl").map { [$0] } ?? [],
            endorsers: values.string("list-publisher.endorsers"))
        // Anybody can make a certificate of any name.
        for key in ["list-publisher.crl", "list-publisher.endorsers"]
        where values.string(key) != nil && trust.authorities.isEmpty {
            throw values.problem(key, "is given without list-publisher.ca")
        }
        let parts = [
            ("list-publisher.ca", EndorserTrust(authorities: trust.authorities)),
            (
                "list-publisher.crl",
                EndorserTrust(
                    authorities: trust.authorities, revocationLists: trust.revocationLists)
            ),
            ("list-publisher.endorsers", EndorserTrust(endorsers: trust.endorsers)),
        ]
        for (key, part) in parts {
            do throws(SignaturesError) {
                _ = try part.rules()
            } catch {
                throw values.problem(key, "\(error)")
            }
        }
        return trust
    }

    private static func target(
        _ values: SettingValues, name: String
    ) throws(ConfigurationError) -> any ListTarget {
        let timeMax = try values.duration("list-publisher.time-max")
        switch values.string("list-publisher.target") {
        case "subversion":
            let folder = try folder(values)
            let url = try repositoryURL(values)
            return SubversionTarget(
                SubversionTarget.Settings(
                    url: folder.isEmpty ? url : "\(url)/\(folder)", listName: name,
                    workingCopy: try absolute(values, "list-publisher.working-copy"),
                    user: values.string("list-publisher.user"),
                    password: try password(values), timeMax: timeMax))
        case "git":
            return GitTarget(
                GitTarget.Settings(
                    url: try repositoryURL(values), branch: try branch(values),
                    folder: try folder(values), listName: name,
                    workingCopy: try absolute(values, "list-publisher.working-copy"),
                    author: try values.require("list-publisher.author"),
                    user: values.string("list-publisher.user"),
                    password: try password(values), timeMax: timeMax))
        default:
            return DirectoryTarget(
                directory: try absolute(values, "list-publisher.path"), listName: name,
                lockTimeMax: timeMax)
        }
    }

    /// No option, no credentials; one trailing slash less.
    private static func repositoryURL(_ values: SettingValues) throws(ConfigurationError) -> String
    {
        let key = "list-publisher.url"
        guard var url = values.string(key) else {
            throw values.problem(key, "is required for the targets subversion and git")
        }
        guard !url.hasPrefix("-"), url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw values.problem(key, "must be printable ASCII without spaces, not begin with -")
        }
        if url.hasPrefix("http"), let slashes = url.firstRange(of: "://"),
            url[slashes.upperBound...].prefix(while: { $0 != "/" }).contains("@")
        {
            throw values.problem(
                key, "must not hold credentials: see list-publisher.user and -password-file")
        }
        while url.hasSuffix("/"), url.utf8.count > 1 { url.removeLast() }
        return url
    }

    private static func folder(_ values: SettingValues) throws(ConfigurationError) -> String {
        let key = "list-publisher.path"
        let parts = (values.string(key) ?? "").split(separator: "/")
        guard parts.allSatisfy({ $0 != ".." && $0 != "." && $0.lowercased() != ".git" }) else {
            throw values.problem(key, "must be a plain folder inside the repository")
        }
        return parts.joined(separator: "/")
    }

    /// The rules of git-check-ref-format, made simple.
    private static func branch(_ values: SettingValues) throws(ConfigurationError) -> String {
        let key = "list-publisher.branch"
        let branch = try values.require(key)
        let isPlain = branch.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "._/-".utf8.contains(byte)
        }
        let parts = branch.split(separator: "/", omittingEmptySubsequences: false)
        let areNames = parts.allSatisfy {
            !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasPrefix("-") && !$0.hasSuffix(".lock")
                && !$0.hasSuffix(".") && !$0.contains("..")
        }
        guard isPlain, areNames else { throw values.problem(key, "is no branch name") }
        return branch
    }

    private static func absolute(
        _ values: SettingValues, _ key: String
    ) throws(ConfigurationError) -> String {
        guard var path = values.string(key) else {
            throw values.problem(key, "is required for this target")
        }
        guard path.hasPrefix("/") else { throw values.problem(key, "must be an absolute path") }
        while path.hasSuffix("/"), path.utf8.count > 1 { path.removeLast() }
        return path
    }

    /// It goes to programs as one line.
    private static func password(_ values: SettingValues) throws(ConfigurationError) -> String? {
        let password = values.secret("list-publisher.password")
        guard password?.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) != true else {
            throw values.problem("list-publisher.password", "must be one line")
        }
        guard password == nil || values.string("list-publisher.user") != nil else {
            throw values.problem("list-publisher.user", "is required with a password")
        }
        return password
    }
}
