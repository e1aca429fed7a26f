// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("StratusLab's user configuration", .timeLimit(.minutes(2)))
struct MetadataUserConfigurationTests {
    private static let text = """
        # Reference
        [default]
        selected_section = cloud
        endpoint_timeout = 5

        [cloud]
        name: "A cloud"
        HOME = /home/ada
        p12_certificate = %(home)s/cert.p12 ; ours
        p12_password = 100%%
          an indented line goes on with a value
        username =
        pem_key = ""
        loop = %(loop)s
        broken = 5%
        [instance_types]
        my.type = 4, 2048, 2048
        [other]
        p12_certificate=/other.p12
        """

    @Test(
        "Values come from the section that is selected",
        arguments: [
            (nil, "p12_certificate", "/home/ada/cert.p12"), (nil, "p12_password", "100%"),
            (nil, "name", "\"A cloud\""), (nil, "endpoint_timeout", "5"), (nil, "username", nil),
            (nil, "pem_key", nil), (nil, "absent", nil), ("other", "p12_certificate", "/other.p12"),
            ("other", "p12_password", nil), ("other", "endpoint_timeout", "5"),
        ] as [(String?, String, String?)])
    func values(section: String?, key: String, value: String?) throws {
        #expect(try StratusLabConfiguration(Self.text, section: section).value(key) == value)
    }

    @Test("What is wrong is named, and no value is")
    func wrong() throws {
        typealias Failure = StratusLabConfigurationError
        let configuration = try StratusLabConfiguration(Self.text, section: nil)
        for key in ["loop", "broken"] {
            #expect(throws: Failure.badValue(key)) { try configuration.value(key) }
        }
        #expect(throws: Failure.noSection("absent")) {
            try StratusLabConfiguration(Self.text, section: "absent")
        }
        #expect(throws: Failure.noSection("default")) {
            try StratusLabConfiguration("[cloud]\n", section: nil)
        }
        #expect(throws: Failure.badLine(2)) {
            try StratusLabConfiguration("[default]\nsecret\n", section: nil)
        }
        #expect(throws: Failure.badLine(1)) {
            try StratusLabConfiguration("password = x\n", section: nil)
        }
    }

    @Test("Option, variable, file: the first that is given counts")
    func precedence() async throws {
        let desk = try MetadataDesk()
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        try desk.folder.write(
            """
            [default]
            selected_section = good
            [good]
            p12_certificate = \(endorser.pkcs12Path)
            p12_password = \(endorser.password)
            [wrong]
            p12_certificate = \(endorser.pkcs12Path)
            p12_password = gu3ssed
            """, to: ".stratuslab/stratuslab-user.cfg")
        func sign(
            _ arguments: [String] = [], _ environment: [String: String] = [:]
        ) async throws -> Int32 {
            try await desk.metadata(
                ["sign", "--output", "out.xml"] + arguments + [document], environment: environment
            )
            .status
        }
        #expect(try await sign() == 0)
        #expect(try await sign(["-S", "wrong"]) == 1)
        #expect(try await sign([], ["STRATUSLAB_USER_CONFIG_SECTION": "wrong"]) == 1)
        #expect(try await sign([], ["STRATUSLAB_P12_PASSWORD": "gu3ssed"]) == 1)
        #expect(
            try await sign(["-S", "wrong"], ["STRATUSLAB_P12_PASSWORD": endorser.password]) == 0)
        #expect(
            try await sign(
                ["--p12-password-file", endorser.passwordPath],
                ["STRATUSLAB_P12_PASSWORD": "gu3ssed", "IMPRIMATUR_P12_PASSWORD": "gu3ssed"]) == 0)
        #expect(try await sign([], ["STRATUSLAB_P12_CERTIFICATE": "absent.p12"]) == 64)
        let unknown = try await desk.metadata(["sign", "-S", "none", document])
        #expect(unknown.status == 78)
        #expect(unknown.output.contains("No section: 'none'"), "\(unknown.output)")
        let absent = try await desk.metadata(["sign", "-c", "absent.cfg", document])
        #expect(absent.status == 64)
        #expect(absent.output.contains("the configuration file 'absent.cfg' cannot be read"))
    }

    @Test("A marketplace gets a document and nothing that opens a cloud")
    func credentials() async throws {
        let desk = try MetadataDesk()
        let document = try await desk.signed()
        let server = try await HTTPServer()
        try server.program("metadata", .status(201))
        try desk.folder.write(
            """
            [default]
            marketplace_endpoint = \(server.url(""))
            username = ada
            password = s3cret
            """, to: "user.cfg")
        let result = try await desk.metadata(
            ["upload", "-c", "user.cfg", document],
            environment: ["STRATUSLAB_USERNAME": "ada", "STRATUSLAB_PASSWORD": "s3cret"])
        #expect(result.status == 0, "\(result.output)")
        #expect(try server.requests("metadata").map { $0.headers["authorization"] } == [nil])
    }
}
