// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// One block of a PEM file (RFC 7468), decoded.
struct PEMBlock {
    /// The word between `-----BEGIN` and `-----`.
    let label: String
    let der: [UInt8]

    var isCertificate: Bool { label == "CERTIFICATE" || label == "X509 CERTIFICATE" }

    var isKey: Bool { label.hasSuffix("PRIVATE KEY") }

    private static let marker = Array("-----BEGIN ".utf8)

    /// All blocks of a file; text around them is passed over. Nil when there is none.
    static func read(_ bytes: [UInt8]) throws(SignaturesError) -> [PEMBlock]? {
        guard contains(bytes, marker) else { return nil }
        let source = try MemoryBIO(bytes)
        var blocks: [PEMBlock] = []
        while let block = try next(source) { blocks.append(block) }
        return blocks
    }

    /// The next block, nil at the end.
    private static func next(_ source: borrowing MemoryBIO) throws(SignaturesError) -> PEMBlock? {
        OpenSSLLibrary.clearErrors()
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard PEM_read_bio(source.raw, &name, &header, &data, &length) == 1 else {
            let isEnd =
                OpenSSLLibrary.reason(of: ERR_peek_last_error()) == Int(PEM_R_NO_START_LINE)
            let reason = OpenSSLLibrary.lastError()
            guard isEnd else { throw .notPEM(reason) }
            return nil
        }
        defer {
            CRYPTO_free(name, nil, 0)
            CRYPTO_free(header, nil, 0)
            if let data { OpenSSLLibrary.freeSecret(data, length: length) }
        }
        guard let name, let data else { throw .notPEM("an empty block") }
        return PEMBlock(
            label: String(cString: name),
            der: Array(UnsafeBufferPointer(start: data, count: length)))
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        var start = bytes.startIndex
        while let index = bytes[start...].firstIndex(of: part[0]) {
            if bytes[index...].starts(with: part) { return true }
            start = index + 1
        }
        return false
    }
}

/// The owner of an OpenSSL `BIO` that reads a copy of bytes in memory.
struct MemoryBIO: ~Copyable {
    let raw: OpaquePointer

    init(_ bytes: [UInt8]) throws(SignaturesError) {
        guard let made = BIO_new(BIO_s_mem()) else {
            throw .library(operation: "BIO_new", reason: OpenSSLLibrary.lastError())
        }
        var written = 0
        guard bytes.isEmpty || BIO_write_ex(made, bytes, bytes.count, &written) == 1,
            written == bytes.count
        else {
            BIO_free(made)
            throw .library(operation: "BIO_write_ex", reason: OpenSSLLibrary.lastError())
        }
        raw = made
    }

    deinit { BIO_free(raw) }
}
