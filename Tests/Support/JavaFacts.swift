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
        /// Signs a document with `SignMetadata`.
        case sign(document: String, to: String, key: TestCertificates.Issued)

        fileprivate var line: String {
            switch self {
            case .certificate(let path): "certificate\t\(path)"
            case .key(let path, let password): "key\t\(path)\t\(Self.hex(password))"
            case .write(let path, let password, let entries):
                (["write", path, Self.hex(password)]
                    + entries.flatMap {
                        [$0.source.pkcs12Path, Self.hex($0.source.password), Self.hex($0.alias)]
                    }).joined(separator: "\t")
            case .sign(let document, let path, let key):
                ["sign", document, path, key.pkcs12Path, Self.hex(key.password)]
                    .joined(separator: "\t")
            }
        }

        private static func hex(_ text: String) -> String {
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// Asks all in one Java process.
    ///
    /// - Returns: one answer per request, in their order; nil for what Java refuses, and for files
    ///   that were written or signed.
    public func facts(_ requests: [FactsRequest]) async throws -> [EndorserFacts?] {
        let folder = try TemporaryDirectory()
        let input = try folder.write(
            requests.map { $0.line + "\n" }.joined(), to: "requests")
        let (status, output) = try await run(
            "sh",
            [
                "-c", "exec java \"$0\" -Dfile.encoding=UTF-8 -cp \"$1\" \"$2\" < \"$3\"",
                "-Djava.security.properties=\(security)", jar,
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

    /// Signs many documents in one Java process, with SHA-1 throughout, as StratusLab did.
    ///
    /// - Returns: the signed documents, in their order.
    public func sign(
        _ documents: [(document: [UInt8], key: TestCertificates.Issued)]
    ) async throws -> [[UInt8]] {
        let folder = try TemporaryDirectory()
        var requests: [FactsRequest] = []
        for (index, (document, key)) in documents.enumerated() {
            let path = try folder.write(document, to: "\(index).xml")
            requests.append(.sign(document: path, to: path + ".signed", key: key))
        }
        _ = try await facts(requests)
        return try requests.indices.map { index in
            let file = folder.file("\(index).xml.signed")
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(description: "SignMetadata left document \(index) unsigned")
            }
            return [UInt8](data)
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
