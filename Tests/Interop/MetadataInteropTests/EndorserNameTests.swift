// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// Names in every string type that certificates have: the reference compares what we write with
/// what it reads itself, character by character.
@Suite(.timeLimit(.minutes(10))) struct EndorserNameTests {
    /// OpenSSL's choices: UTF8String; PrintableString and T61String where they suffice;
    /// PrintableString alone; BMPString.
    private static let masks = ["utf8only", "default", "MASK:0x0002", "MASK:0x0800"]

    @Test func theReferenceAcceptsNamesOfEveryStringType() async throws {
        let folder = try TemporaryDirectory()
        let authority = try await Endorsers.authority()
        let unsigned = try await InteropMatrix.shared().combinations[0].unsigned
        var files: [String] = []
        for (index, subject) in Endorsers.subjects.prefix(6).enumerated() {
            for mask in Self.masks {
                // Some string types cannot hold some subjects: openssl says so.
                guard let issued = try? await authority.endorser(subject, stringMask: mask) else {
                    continue
                }
                let signed = try unsigned.signed(
                    by: try Endorser(issued).identity, profile: .stratuslab,
                    created: Endorsers.time)
                files.append(try folder.write(signed.bytes, to: "\(index)-\(mask).xml"))
            }
        }
        #expect(files.count >= 12)
        let verdicts = try await JavaReference.instance().judge(files)
        for (file, verdict) in zip(files, verdicts) {
            #expect(verdict == .valid, "\(file)")
        }
    }
}
