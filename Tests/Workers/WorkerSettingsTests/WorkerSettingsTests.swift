// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import FetcherWorker
@testable import ListPublisherWorker
@testable import MetadataWorker
@testable import ModifierWorker
@testable import ScannerWorker
@testable import SignerWorker
@testable import SiteNotifierWorker
@testable import UploaderWorker
@testable import VerifierWorker

/// `compose/imprimatur.yaml` holds every setting that the workers declare, and no other.
@Suite("compose/imprimatur.yaml", .timeLimit(.minutes(3)))
struct WorkerSettingsTests {
    private static let path = "\(repositoryRoot)/compose/imprimatur.yaml"
    private static let workers: [any WorkerConfiguration.Type] = [
        FetcherConfig.self, VerifierConfig.self, ModifierConfig.self, ScannerConfig.self,
        MetadataConfig.self, SignerConfig.self, UploaderConfig.self, ListPublisherConfig.self,
        SiteNotifierConfig.self,
    ]
    private static let settings = CommonSettings.worker + workers.flatMap { $0.settings }
    /// Needed by the target, or the kind of key, that the file chooses, though none is needed always.
    private static let chosen: Set = [
        "list-publisher.path", "signer.p12-file", "signer.attestation-keys",
    ]

    private let file: AnnotatedFile
    private let folder: TemporaryDirectory

    init() throws {
        file = AnnotatedFile(try String(contentsOfFile: Self.path, encoding: .utf8))
        folder = try TemporaryDirectory()
    }

    @Test("Its keys are the declared settings, each once")
    func complete() {
        let declared = Self.settings.map(\.fileKey)
        #expect(Set(declared).subtracting(file.entries.map(\.key)) == [], "not in the file")
        #expect(Set(file.entries.map(\.key)).subtracting(declared) == [], "not declared")
        #expect(file.entries.count == declared.count)
    }

    @Test("Each setting is explained as --help does, and shows its default", arguments: settings)
    func explained(_ setting: Setting) throws {
        let entry = try #require(file.entries.first { $0.key == setting.fileKey })
        #expect(entry.comment.contains(setting.help), "should say: \(setting.help)")
        if let value = setting.defaultValue { #expect(entry.plainValue == value) }
        if case .choice(let choices) = setting.kind, setting.defaultValue == nil {
            #expect(choices.allSatisfy { entry.comment.contains($0) })
        }
        let isNeeded = setting.isRequired || Self.chosen.contains(setting.key)
        #expect(entry.isCommentedOut != isNeeded)
    }

    @Test("As it is, every worker takes it", arguments: workers)
    func accepted(_ worker: any WorkerConfiguration.Type) async throws {
        try await load(worker, file: Self.path)
    }

    @Test("Every worker takes the README's example, too", arguments: workers)
    func readme(_ worker: any WorkerConfiguration.Type) async throws {
        let text = try String(contentsOfFile: "\(repositoryRoot)/README.md", encoding: .utf8)
        let start = try #require(text.firstRange(of: "```yaml\n")).upperBound
        let end = try #require(text[start...].firstRange(of: "```")).lowerBound
        let path = try folder.write(String(text[start..<end]), to: "readme.yaml")
        try await load(
            worker, file: path,
            flags: ["amqp.password-file": try folder.write("secret\n", to: "password")])
    }

    private func load(
        _ worker: any WorkerConfiguration.Type, file: String, flags: [String: String] = [:]
    ) async throws {
        var flags = flags
        let endorser = try await Self.endorser.value
        if worker == SignerConfig.self {
            flags["signer.p12-file"] = endorser.pkcs12Path
            flags["signer.p12-password-file"] = endorser.passwordPath
            flags["signer.attestation-keys"] = try await AttestationKeyFiles.shared.publicDirectory
        }
        let values = try SettingSources(flags: flags, file: file, environment: [:])
            .load(CommonSettings.worker + worker.settings)
        _ = try RouterOptions(values)
        _ = try ConnectionSettings(values)
        _ = try worker.init(values)
    }

    private static let endorser = Task { try await TestCertificates().endorser() }

    @Test("With all settings in effect, every value is of its kind")
    func everyValue() throws {
        let full = try folder.write(file.withoutCommentMarks, to: "full.yaml")
        let secret = try folder.write("secret\n", to: "secret")
        var flags: [String: String] = [:]
        for setting in Self.settings where setting.kind == .secret {
            flags[setting.fileKey] = secret
        }
        let values = try SettingSources(flags: flags, file: full, environment: [:])
            .load(Self.settings)
        for setting in Self.settings where setting.kind != .secret {
            #expect(values.origin(setting.key) != .defaultValue, "\(setting.key)")
            #expect(values.origin(setting.key) != nil, "\(setting.key)")
        }
    }
}

extension Setting {
    /// The key that a file has for it: a secret's names the file that holds it.
    fileprivate var fileKey: String { kind == .secret ? key + "-file" : key }
}
