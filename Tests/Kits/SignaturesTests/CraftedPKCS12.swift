// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// PKCS#12 files put together attribute by attribute, which neither openssl nor keytool would write.
enum CraftedPKCS12 {
    /// A key, a certificate, or both, with the attributes to give them.
    struct Entry: Encodable {
        var key: String?
        var certificate: String?
        /// localKeyID.
        var keyID: String?
        /// friendlyName of the key, and of the certificate.
        var alias: String?
    }

    static func write(_ entries: [Entry], to path: String, password: String) async throws {
        let folder = try TemporaryDirectory()
        let list = String(decoding: try JSONEncoder().encode(entries), as: UTF8.self)
        let (status, output) = try await run(
            "python3", [try folder.write(script, to: "craft.py"), list, path, password])
        try #require(status == 0, "\(output)")
    }

    private static let script = """
        import ctypes, json, sys
        c = ctypes.CDLL("libcrypto.so.3")
        P = ctypes.c_void_p
        for name in "BIO_new_file PEM_read_bio_X509 PEM_read_bio_PrivateKey PKCS12_add_key \\
        PKCS12_add_cert PKCS12_add_safes EVP_sha1".split():
            getattr(c, name).restype = P
        bio = lambda path, mode: P(c.BIO_new_file(path.encode(), mode))
        password = sys.argv[3].encode()
        def dress(bag, entry):
            assert bag
            if entry.get("alias") is not None:
                name = entry["alias"].encode()
                assert c.PKCS12_add_friendlyname_utf8(P(bag), name, len(name)) == 1
            if entry.get("keyID") is not None:
                name = entry["keyID"].encode()
                assert c.PKCS12_add_localkeyid(P(bag), name, len(name)) == 1
        bags, safes = P(), P()
        for entry in json.loads(sys.argv[1]):
            if entry.get("key"):
                key = c.PEM_read_bio_PrivateKey(bio(entry["key"], b"r"), None, None, None)
                dress(c.PKCS12_add_key(ctypes.byref(bags), P(key), 0, 1, 146, password), entry)
            if entry.get("certificate"):
                x509 = c.PEM_read_bio_X509(bio(entry["certificate"], b"r"), None, None, None)
                dress(c.PKCS12_add_cert(ctypes.byref(bags), P(x509)), entry)
        assert c.PKCS12_add_safe(ctypes.byref(safes), bags, -1, 0, None) == 1
        file = P(c.PKCS12_add_safes(safes, 0))
        assert c.PKCS12_set_mac(file, password, -1, None, 0, 1, P(c.EVP_sha1())) == 1
        out = bio(sys.argv[2], b"w")
        assert c.i2d_PKCS12_bio(out, file) == 1
        c.BIO_free_all(out)
        """
}
