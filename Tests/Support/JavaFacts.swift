// SPDX-License-Identifier: Apache-2.0
import Foundation

extension JavaReference {
    /// What StratusLab's classes read from a certificate.
    public struct EndorserFacts: Sendable, Hashable {
        public let subject: String
        public let issuer: String
        public let email: String?
    }

    /// A request to `EndorserFacts.java`.
    public enum FactsRequest: Sendable {
        /// A certificate, PEM or DER.
        case certificate(path: String)
        /// The key that `SignMetadata` takes from a PKCS#12 file.
        case key(pkcs12Path: String, password: String)
        /// Writes a PKCS#12 file with the keys of others, as Java does.
        case write(
            path: String, password: String,
            entries: [(source: TestCertificates.Issued, alias: String)])

        fileprivate var line: String {
            switch self {
            case .certificate(let path): "certificate\t\(path)"
            case .key(let path, let password): "key\t\(path)\t\(Self.hex(password))"
            case .write(let path, let password, let entries):
                (["write", path, Self.hex(password)]
                    + entries.flatMap {
                        [$0.source.pkcs12Path, Self.hex($0.source.password), Self.hex($0.alias)]
                    }).joined(separator: "\t")
            }
        }

        private static func hex(_ text: String) -> String {
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// Asks all in one Java process.
    ///
    /// - Returns: one answer per request, in their order; nil for what Java refuses, and for files
    ///   that were written.
    public func facts(_ requests: [FactsRequest]) async throws -> [EndorserFacts?] {
        let folder = try TemporaryDirectory()
        let input = try folder.write(
            requests.map { $0.line + "\n" }.joined(), to: "requests")
        let (status, output) = try await run(
            "sh",
            [
                "-c", "exec java -cp \"$0\" \"$1\" < \"$2\"", classPath,
                "\(repositoryRoot)/Tests/Support/Servers/EndorserFacts.java", input,
            ], timeout: .seconds(120))
        let lines = output.split(separator: "\n")
        guard status == 0, lines.count == requests.count else {
            throw Failure(description: "EndorserFacts: \(output.prefix(2000))")
        }
        return lines.map { line in
            let fields = line.split(separator: " ").map(Self.text)
            guard fields.count == 3, let subject = fields[0], let issuer = fields[1] else {
                return nil
            }
            return EndorserFacts(subject: subject, issuer: issuer, email: fields[2])
        }
    }

    /// Text from a point and hexadecimal digits; nil for anything else.
    private static func text(_ field: Substring) -> String? {
        guard field.first == "." else { return nil }
        let digits = Array(field.dropFirst().utf8)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(
                String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
