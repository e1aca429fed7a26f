// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Writes distinguished names exactly as Java's `X500Principal.getName()` does: StratusLab's
/// verifiers compare the endorsement with that text, character by character.
enum DistinguishedName {
    /// Most attributes one name may have.
    private static let attributesMax = 64

    /// The attribute types that RFC 2253 (section 2.3) writes by keyword; others are numbers.
    private static let keywords: [String: String] = [
        "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
        "2.5.4.6": "C", "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC",
        "0.9.2342.19200300.100.1.1": "UID",
    ]

    /// The string types whose value Java writes as text.
    private static let textTypes: Set<CInt> = [
        V_ASN1_PRINTABLESTRING, V_ASN1_UTF8STRING, V_ASN1_T61STRING, V_ASN1_IA5STRING,
        V_ASN1_GENERALSTRING, V_ASN1_BMPSTRING,
    ]

    static func text(_ name: OpaquePointer?) throws(SignaturesError) -> String {
        guard let name else { throw .invalidCertificate("no name") }
        let count = Int(X509_NAME_entry_count(name))
        guard count <= attributesMax else {
            throw .invalidCertificate("a name with more than \(attributesMax) attributes")
        }
        // One list per RDN; X509_NAME_ENTRY_set tells to which an attribute belongs.
        var parts: [[String]] = []
        var set: CInt = -1
        for index in 0..<count {
            guard let entry = X509_NAME_get_entry(name, CInt(index)) else {
                throw .invalidCertificate("a name that cannot be read")
            }
            let text = try attribute(entry)
            if X509_NAME_ENTRY_set(entry) == set, !parts.isEmpty {
                parts[parts.count - 1].append(text)
            } else {
                parts.append([text])
            }
            set = X509_NAME_ENTRY_set(entry)
        }
        return parts.reversed().map { $0.joined(separator: "+") }.joined(separator: ",")
    }

    private static func attribute(_ entry: OpaquePointer) throws(SignaturesError) -> String {
        guard let value = X509_NAME_ENTRY_get_data(entry) else {
            throw .invalidCertificate("a name with an attribute that has no value")
        }
        let type = try number(X509_NAME_ENTRY_get_object(entry))
        if let keyword = keywords[type], textTypes.contains(ASN1_STRING_type(value)) {
            return keyword + "=" + escaped(ASN1Text.bytes(of: value))
        }
        return (keywords[type] ?? type) + "=#" + Digest.hex(try encoded(value))
    }

    /// The object identifier in digits and dots.
    private static func number(_ object: OpaquePointer?) throws(SignaturesError) -> String {
        guard let object else { throw .invalidCertificate("a name without attribute types") }
        var buffer = [CChar](repeating: 0, count: 256)
        let length = OBJ_obj2txt(&buffer, CInt(buffer.count), object, 1)
        guard length > 0, length < buffer.count else {
            throw .invalidCertificate("a name with an attribute type that cannot be read")
        }
        let digits = buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The value's DER encoding.
    private static func encoded(
        _ value: UnsafeMutablePointer<ASN1_STRING>
    ) throws(SignaturesError) -> [UInt8] {
        guard let holder = ASN1_TYPE_new() else {
            throw .library(operation: "ASN1_TYPE_new", reason: OpenSSLLibrary.lastError())
        }
        defer { ASN1_TYPE_free(holder) }
        var der: UnsafeMutablePointer<UInt8>?
        let type = ASN1_STRING_type(value)
        let length = ASN1_TYPE_set1(holder, type, value) == 1 ? i2d_ASN1_TYPE(holder, &der) : 0
        guard length > 0, let der else {
            throw .invalidCertificate("a name with a value that cannot be encoded")
        }
        defer { OpenSSLLibrary.free(der) }
        return Array(UnsafeBufferPointer(start: der, count: Int(length)))
    }

    /// Escapes as Java does: RFC 2253's special characters and `=` anywhere, NUL as `\00`, spaces
    /// at either end. Bytes are read as UTF-8 whatever the string type says, as Java does.
    private static func escaped(_ bytes: [UInt8]) -> String {
        let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        let isEdge = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\r" }
        let first = scalars.firstIndex { !isEdge($0) } ?? scalars.count
        let last = scalars.lastIndex { !isEdge($0) } ?? -1
        var text = ""
        for (index, scalar) in scalars.enumerated() {
            if scalar == "\0" {
                text += "\\00"
                continue
            }
            if index < first || index > last || ",=+<>#;\"\\".unicodeScalars.contains(scalar) {
                text += "\\"
            }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
