// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Reads files and directories of trust anchors and revocation lists into a store.
enum TrustFiles {
    /// Longest file, in bytes: some authorities have long revocation lists.
    private static let bytesMax = 64 << 20
    /// Most files in one directory.
    private static let filesMax = 20_000

    static func read(certificates path: String, into store: inout TrustStore)
        throws(SignaturesError)
    {
        let before = store.certificateCount
        for file in try files(path, isLookedAt: { isCertificate($0) || isRevocationList($0) }) {
            try readFile(file, into: &store)
        }
        guard store.certificateCount > before else {
            throw .unreadableFile(path: path, reason: "holds no certificate")
        }
    }

    static func read(revocationLists path: String, into store: inout TrustStore)
        throws(SignaturesError)
    {
        let before = store.revocationListCount
        for file in try files(path, isLookedAt: isRevocationList) {
            try readFile(file, into: &store, onlyRevocationLists: true)
        }
        guard store.revocationListCount > before else {
            throw .unreadableFile(path: path, reason: "holds no certificate revocation list")
        }
    }

    /// `path` itself, or when it is a directory, those of its files that are looked at, sorted.
    private static func files(
        _ path: String, isLookedAt: (String) -> Bool
    ) throws(SignaturesError) -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            isDirectory
        else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .unreadableFile(path: path, reason: "the directory cannot be listed")
        }
        guard names.count <= filesMax else {
            throw .unreadableFile(path: path, reason: "more than \(filesMax) files")
        }
        return names.filter(isLookedAt).sorted().map { path + "/" + $0 }
    }

    /// `NAME.pem`, `NAME.crt`, or `HASH.N` as `openssl rehash` and IGTF name certificates.
    private static func isCertificate(_ name: String) -> Bool {
        let suffix = name.split(separator: ".").last ?? ""
        return name.contains(".") && !name.hasPrefix(".")
            && (["pem", "crt"].contains(suffix) || isNumber(suffix))
    }

    /// `NAME.crl`, or `HASH.rN` as `openssl rehash` and fetch-crl name revocation lists.
    private static func isRevocationList(_ name: String) -> Bool {
        let suffix = name.split(separator: ".").last ?? ""
        return name.contains(".") && !name.hasPrefix(".")
            && (suffix == "crl" || (suffix.first == "r" && isNumber(suffix.dropFirst())))
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func readFile(
        _ path: String, into store: inout TrustStore, onlyRevocationLists: Bool = false
    ) throws(SignaturesError) {
        let bytes = try BoundedFile.read(path: path, bytesMax: bytesMax)
        do {
            guard let blocks = try PEMBlock.read(bytes) else {
                // Not PEM: one certificate or one list, DER.
                let isCertificate = (try? X509Certificate(der: bytes)) != nil
                return isCertificate && !onlyRevocationLists
                    ? try store.addCertificate(der: bytes)
                    : try store.addRevocationList(der: bytes)
            }
            for block in blocks {
                if block.isCertificate, !onlyRevocationLists {
                    try store.addCertificate(der: block.der)
                } else if block.label == "X509 CRL" {
                    try store.addRevocationList(der: block.der)
                }
            }
        } catch {
            throw .unreadableFile(path: path, reason: "\(error)")
        }
    }
}
