// SPDX-License-Identifier: Apache-2.0
import Foundation
import PipelineTesting
import Signatures
import Synchronization
import TestSupport
import Testing

/// The endorser whose key signs all documents of a test run.
enum SampleEndorser {
    private static let shared = Task {
        let certificates = try await TestCertificates()
        return (certificates, try await certificates.endorser(email: Fixture.email))
    }
    private static let loaded = Mutex<SigningIdentity?>(nil)

    /// Every document of this process is signed by it from then on.
    static func prepare() async throws {
        let (_, endorser) = try await shared.value
        try adopt(endorser.pkcs12Path, password: endorser.password)
    }

    static func files() async throws -> TestCertificates.Issued { try await shared.value.1 }

    static func another(_ subject: String) async throws -> SigningIdentity {
        let issued = try await shared.value.0.endorser(subject, email: Fixture.email)
        return try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
    }

    /// The same in a process that a test has started.
    static func adopt(_ path: String, password: String) throws {
        let identity = try SigningIdentity(pkcs12Path: path, password: password)
        loaded.withLock { $0 = $0 ?? identity }
    }

    static func identity() throws -> SigningIdentity {
        guard let identity = loaded.withLock({ $0 }) else {
            throw Failed(description: "the suite needs the trait .endorsed")
        }
        return identity
    }
}

/// Makes ``SampleEndorser`` ready before a suite's tests.
struct EndorsedTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await SampleEndorser.prepare()
        try await function()
    }
}

extension Trait where Self == EndorsedTrait {
    static var endorsed: Self { Self() }
}
