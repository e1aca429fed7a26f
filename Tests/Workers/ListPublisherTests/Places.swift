// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageLists
import TestSupport

@testable import ListPublisherWorker

/// A kind of target over a place of its own, with what a test needs to look behind it.
struct Place: Sendable {
    /// A new target with a scratch directory of its own, as another process would have.
    var target: @Sendable () throws -> any ListTarget
    /// What a reader of the place sees, without any target's help.
    var files: @Sendable () async throws -> ListFiles
    /// Changes the list as another committer would.
    var foreignCommit: @Sendable (ListFiles) async throws -> Void
    /// How many commits there are; nil when the place keeps no history.
    var commits: @Sendable () async throws -> Int?
}

enum PlaceKind: String, CaseIterable, Sendable, Codable {
    case subversion, subversionServer, git, directory

    func make() async throws -> Place {
        switch self {
        case .subversion: try await Place.subversion(served: false)
        case .subversionServer: try await Place.subversion(served: true)
        case .git: try await Place.git()
        case .directory: try Place.directory()
        }
    }
}

extension Place {
    static let timeMax: Duration = .seconds(60)

    static func subversion(served: Bool) async throws -> Place {
        let repository = try await SubversionRepository()
        let server = served ? try await repository.serve(user: "p", password: "se cret") : nil
        let scratch = try TemporaryDirectory()
        return Place(
            target: {
                SubversionTarget(
                    .init(
                        url: server?.url ?? repository.url, listName: "image_list",
                        workingCopy: scratch.file(UUID().uuidString), user: served ? "p" : nil,
                        password: served ? "se cret" : nil, timeMax: timeMax))
            },
            files: {
                ListFiles(
                    list: try await repository.content(of: "image_list.txt") ?? [],
                    changelog: try await repository.content(of: "image_list.changelog") ?? [])
            },
            foreignCommit: { files in
                try await repository.commit([
                    "image_list.txt": String(decoding: files.list, as: UTF8.self),
                    "image_list.changelog": String(decoding: files.changelog, as: UTF8.self),
                ])
            },
            commits: { try await repository.youngest() })
    }

    static func git() async throws -> Place {
        let repository = try await GitRepository()
        let scratch = try TemporaryDirectory()
        return Place(
            target: {
                GitTarget(
                    .init(
                        url: repository.path, branch: "main", folder: "lists/eu",
                        listName: "image_list", workingCopy: scratch.file(UUID().uuidString),
                        author: "List Publisher <lists@example.org>", timeMax: timeMax))
            },
            files: {
                ListFiles(
                    list: try await repository.content(of: "lists/eu/image_list.txt") ?? [],
                    changelog: try await repository.content(of: "lists/eu/image_list.changelog")
                        ?? [])
            },
            foreignCommit: { files in
                try await repository.commit([
                    "lists/eu/image_list.txt": String(decoding: files.list, as: UTF8.self),
                    "lists/eu/image_list.changelog": String(
                        decoding: files.changelog, as: UTF8.self),
                ])
            },
            commits: { try await repository.commitCount() })
    }

    static func directory() throws -> Place {
        let folder = try TemporaryDirectory()
        let (list, changelog) = ("lists/image_list.txt", "lists/image_list.changelog")
        let read: @Sendable (String) -> [UInt8] = { name in
            [UInt8](FileManager.default.contents(atPath: folder.file(name)) ?? Data())
        }
        return Place(
            target: {
                DirectoryTarget(
                    directory: folder.file("lists"), listName: "image_list", lockTimeMax: timeMax)
            },
            files: { ListFiles(list: read(list), changelog: read(changelog)) },
            foreignCommit: { files in
                try folder.write(files.list, to: list)
                try folder.write(files.changelog, to: changelog)
            },
            commits: { nil })
    }
}

struct Failed: Error, CustomStringConvertible {
    let description: String
}

/// A bare git repository with a branch `main` that does not exist yet.
final class GitRepository: Sendable {
    let path: String
    private let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory()
        path = directory.file("remote.git")
        try await git(["init", "--quiet", "--bare", "--initial-branch=main", path])
    }

    @discardableResult
    func git(_ arguments: [String]) async throws -> String {
        let result = try await TestSupport.run(
            "git", arguments,
            environment: [
                "HOME": directory.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "somebody",
                "GIT_AUTHOR_EMAIL": "s@example.org", "GIT_COMMITTER_NAME": "somebody",
                "GIT_COMMITTER_EMAIL": "s@example.org",
            ])
        guard result.status == 0 else {
            throw Failed(description: "git \(arguments): \(result.output)")
        }
        return result.output
    }

    func content(of file: String) async throws -> [UInt8]? {
        (try? await git(["-C", path, "show", "main:\(file)"])).map { Array($0.utf8) }
    }

    func commitCount() async throws -> Int {
        let output = try? await git(["-C", path, "rev-list", "--count", "main"])
        return output.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    func commit(_ files: [String: String]) async throws {
        let copy = try TemporaryDirectory()
        let clone = copy.file("clone")
        try await git(["clone", "--quiet", path, clone])
        for (name, text) in files { try copy.write(text, to: "clone/\(name)") }
        try await git(["-C", clone, "add", "--all"])
        try await git(["-C", clone, "commit", "--quiet", "-m", "by hand"])
        try await git(["-C", clone, "push", "--quiet", "origin", "HEAD:main"])
    }

    func install(hook name: String, _ text: String) throws {
        let hook = "\(path)/hooks/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: hook))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
    }
}
