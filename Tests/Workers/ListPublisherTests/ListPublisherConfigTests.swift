// SPDX-License-Identifier: Apache-2.0
import Pipeline
import TestSupport
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

    @Test func whomToTrustIsReadAtTheStart() async throws {
        let (certificates, folder) = (try await TestCertificates(), try TemporaryDirectory())
        let base = ["target": "directory", "path": "/srv/www/lists"]
        let plain = try config(base)
        #expect(plain.check.trust.authorities.isEmpty && !plain.check.allowsSHA1Digest)
        let names = try folder.write("CN=Jane,O=Example\n", to: "endorsers")
        var values = base.merging(
            ["ca": certificates.authorityPath, "endorsers": names, "allow-sha1-digest": "true"]
        ) { $1 }
        let trusting = try config(values)
        #expect(trusting.check.trust.endorsers == names && trusting.check.allowsSHA1Digest)
        for (key, text) in [("endorsers", "Jane\n"), ("ca", "x"), ("crl", "x")] {
            values[key] = try folder.write(text, to: "broken")
            let error = #expect(throws: ConfigurationError.self) { try config(values) }
            #expect(error?.description.contains("list-publisher.\(key)") == true)
            values[key] = key == "ca" ? certificates.authorityPath : nil
        }
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
        ["target": "directory", "path": "/x", "ca": "/no/such/file"],
        ["target": "directory", "path": "/x", "crl": "/dev/null"],
        ["target": "directory", "path": "/x", "endorsers": "/dev/null"],
    ])
    func wrongValuesAreNamed(values: [String: String]) throws {
        let error = #expect(throws: ConfigurationError.self) { try config(values) }
        #expect(error?.problems.isEmpty == false)
        #expect(error?.description.contains("u:p") != true)
    }
}
