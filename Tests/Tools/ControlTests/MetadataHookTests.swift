// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `ops/svn-hooks/pre-commit` with the real command and real signatures: whose documents a list may
/// name.
@Suite("Whom the Subversion hook believes", .timeLimit(.minutes(3)))
struct MetadataHookTests {
    private let desk: MetadataDesk
    private let repository: SubversionRepository
    private let market: HTTPServer

    init() async throws {
        desk = try MetadataDesk()
        repository = try await SubversionRepository()
        market = try await HTTPServer()
    }

    private func configure(_ lines: String...) throws {
        try repository.installListHook(
            configuration: """
                lists = image_list.txt
                marketplace = \(market.url(""))
                imprimatur = \(try Workbench.program())
                """ + "\n" + lines.joined(separator: "\n") + "\n")
    }

    /// Publishes a document and returns its entry in the list.
    private func publish(_ document: String) throws -> (identifier: String, entry: String) {
        let text = try desk.text(document)
        let identifier = try #require(
            text.firstMatch(of: /<dcterms:identifier>([^<]*)</)
        ).output.1
        let path = "metadata/\(identifier)/endorser@example.org/now"
        try market.root.write(text, to: path)
        return (String(identifier), "# location: \(market.url(path))\n\(identifier)\n")
    }

    /// What `svn commit` says; nil when it goes through.
    private func commit(_ document: String) async throws -> String? {
        let (identifier, entry) = try publish(document)
        let result = try await repository.commit([
            "image_list.txt": entry, "image_list.changelog": "# ada: added \(identifier)\n",
        ])
        return result.status == 0 ? nil : result.output
    }

    @Test("Without authorities what is intact passes")
    func intact() async throws {
        try configure()
        let document = try await desk.signed()
        let text = try desk.text(document)
        try desk.folder.write(
            text.replacing("<dcterms:type>base<", with: "<dcterms:type>grid<"), to: "forged.xml")
        let forged = try await commit("forged.xml")
        #expect(forged?.contains("rule invalid-document: ") == true, "\(forged ?? "")")
        #expect(try await commit(document) == nil)
    }

    @Test("With authorities only their endorsers pass, and of those the listed ones")
    func authorities() async throws {
        let document = try await desk.signed()
        let other = try await TestCertificates()
        try configure("endorser-ca = \(other.authorityPath)")
        let untrusted = try await commit(document)
        #expect(untrusted?.contains("rule untrusted-endorser: ") == true, "\(untrusted ?? "")")
        let authority = try await MetadataDesk.authority.value.authorityPath
        let list = desk.folder.file("endorsers.txt")
        let trusting = [
            "endorser-ca = \(other.authorityPath) \(authority)", "endorser-list = \(list)",
        ]
        try configure(trusting[0], trusting[1])
        let unreadable = try await commit(document)
        #expect(unreadable?.contains("[temporary]") == true, "\(unreadable ?? "")")
        try desk.folder.write("CN=Somebody Else\n", to: "endorsers.txt")
        let unlisted = try await commit(document)
        #expect(unlisted?.contains("rule untrusted-endorser: ") == true, "\(unlisted ?? "")")
        try desk.folder.write(#"CN=Hélène Test,OU=IdG\, Grilles,O=CNRS,DC=fr"#, to: "endorsers.txt")
        #expect(try await commit(document) == nil)
    }

    @Test("Documents with SHA-1 digests pass only when the configuration says so")
    func sha1Digest() async throws {
        let old = try await desk.signedAsStratusLabDid(try await desk.signed())
        try configure()
        let refused = try await commit(old)
        #expect(refused?.contains("rule invalid-document: ") == true, "\(refused ?? "")")
        try configure("allow-sha1-digest = yes")
        #expect(try await commit(old) == nil)
    }

    @Test("A configuration that makes no sense decides nothing")
    func wrong() async throws {
        let document = try await desk.signed()
        for (line, reason) in [
            ("allow-sha1-digest = maybe", "must be yes or no"),
            ("endorser-list = /x", "need its 'endorser-ca'"),
            ("endorser-crl = /x", "need its 'endorser-ca'"),
        ] {
            try configure(line)
            let said = try await commit(document)
            #expect(said?.contains("[temporary]") == true && said?.contains(reason) == true)
        }
    }
}
