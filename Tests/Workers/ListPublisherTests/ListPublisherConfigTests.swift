// SPDX-License-Identifier: Apache-2.0
import Pipeline
import Testing

@testable import ListPublisherWorker

@Suite struct ListPublisherConfigTests {
    private func config(_ values: [String: String]) throws -> ListPublisherConfig {
        let keyed = Dictionary(
            uniqueKeysWithValues: values.map { ("list-publisher.\($0.key)", $0.value) })
        return try ListPublisherConfig(SettingValues(ListPublisherConfig.settings, keyed))
    }

    @Test func eachTargetIsMade() throws {
        let subversion = try config([
            "target": "subversion", "url": "https://svn.example.org/lists/",
            "working-copy": "/var/lib/x/",
        ])
        #expect(subversion.publication.target is SubversionTarget)
        #expect(subversion.batchMax == 100)
        let git = try config([
            "target": "git", "url": "git@example.org:lists.git", "working-copy": "/var/lib/x",
            "branch": "release/lists", "path": "eu/lists",
        ])
        #expect(git.publication.target is GitTarget)
        let directory = try config(["target": "directory", "path": "/srv/www/lists"])
        #expect(directory.publication.target is DirectoryTarget)
    }

    @Test(arguments: [
        ["target": "cvs"], ["target": "subversion"], ["target": "directory"],
        ["target": "directory", "path": "relative"],
        ["target": "directory", "path": "/x", "list-name": "../x"],
        ["target": "directory", "path": "/x", "list-name": "-x"],
        ["target": "directory", "path": "/x", "batch-max": "0"],
        ["target": "git", "url": "--upload-pack=x", "working-copy": "/w"],
        ["target": "git", "url": "https://u:p@example.org/x", "working-copy": "/w"],
        ["target": "git", "url": "/x", "working-copy": "/w", "branch": "-x"],
        ["target": "git", "url": "/x", "working-copy": "/w", "branch": "a..b"],
        ["target": "git", "url": "/x", "working-copy": "/w", "path": "../x"],
        ["target": "git", "url": "/x", "working-copy": "/w", "path": ".git/hooks"],
        ["target": "subversion", "url": "https://x/y", "working-copy": "/w", "password": "x"],
        [
            "target": "subversion", "url": "https://x/y", "working-copy": "/w", "user": "u",
            "password": "x\ny",
        ],
    ])
    func wrongValuesAreNamed(values: [String: String]) throws {
        let error = #expect(throws: ConfigurationError.self) { try config(values) }
        #expect(error?.problems.isEmpty == false)
        #expect(error?.description.contains("u:p") != true)
    }
}
