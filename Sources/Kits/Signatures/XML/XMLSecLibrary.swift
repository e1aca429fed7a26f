// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import CXMLSec
internal import XMLDocuments

/// xmlsec1's global state, and its keys.
enum XMLSecLibrary {
    /// A `static let` runs it once. xmlsec1 asks for xmlSecInit, then the crypto engine
    /// (https://www.aleksey.com/xmlsec/api/xmlsec-notes-init-shutdown.html). Its errors would go to
    /// standard error: they are switched off, a context's status tells what became of it.
    private static let started: Bool = {
        XMLLibrary.start()
        guard xmlSecInit() >= 0 else { return false }
        xmlSecErrorsDefaultCallbackEnableOutput(0)
        return xmlSecOpenSSLInit() >= 0
    }()

    static func start() {
        precondition(started, "xmlsec1 cannot be initialised: broken installation")
    }

    /// A key for xmlsec1 that shares `key` by reference count. The caller frees it.
    static func key(sharing key: OpaquePointer) throws(SignaturesError) -> xmlSecKeyPtr {
        guard EVP_PKEY_up_ref(key) == 1 else {
            throw .library(operation: "EVP_PKEY_up_ref", reason: OpenSSLLibrary.lastError())
        }
        guard let data = xmlSecOpenSSLEvpKeyAdopt(key) else {
            EVP_PKEY_free(key)
            throw .library(operation: "xmlSecOpenSSLEvpKeyAdopt", reason: "unsupported key")
        }
        guard let made = xmlSecKeyCreate() else {
            xmlSecKeyDataDestroy(data)
            throw .library(operation: "xmlSecKeyCreate", reason: "out of memory")
        }
        guard xmlSecKeySetValue(made, data) >= 0 else {
            xmlSecKeyDataDestroy(data)
            xmlSecKeyDestroy(made)
            throw .library(operation: "xmlSecKeySetValue", reason: "unsupported key")
        }
        return made
    }
}

/// The owner of one `xmlSecDSigCtx`, which makes or checks one signature with a borrowed key.
struct XMLSignatureContext: ~Copyable {
    private let raw: xmlSecDSigCtxPtr

    /// - Parameter keepsSignedInfo: lets ``signedInfo`` be read afterwards.
    init(borrowing key: xmlSecKeyPtr, keepsSignedInfo: Bool = false) throws(SignaturesError) {
        guard let raw = xmlSecDSigCtxCreate(nil) else {
            throw .library(operation: "xmlSecDSigCtxCreate", reason: "out of memory")
        }
        self.raw = raw
        raw.pointee.signKey = key
        if keepsSignedInfo {
            raw.pointee.flags |= CUnsignedInt(XMLSEC_DSIG_FLAGS_STORE_SIGNATURE)
        }
        // Nothing but the document itself may be referred to (URI="").
        raw.pointee.enabledReferenceUris = xmlSecTransformUriType(xmlSecTransformUriTypeEmpty)
    }

    deinit {
        // xmlSecDSigCtxDestroy would free the key, which is only borrowed.
        raw.pointee.signKey = nil
        xmlSecDSigCtxDestroy(raw)
    }

    func sign(_ signature: XMLElement) -> Bool {
        signature.withNode { xmlSecDSigCtxSign(raw, $0) >= 0 } && isSucceeded
    }

    func verify(_ signature: XMLElement) -> Bool {
        signature.withNode { xmlSecDSigCtxVerify(raw, $0) >= 0 } && isSucceeded
    }

    /// The canonical form of SignedInfo, which the signature is made of.
    var signedInfo: [UInt8] {
        guard let buffer = xmlSecDSigCtxGetPreSignBuffer(raw),
            let data = xmlSecBufferGetData(buffer)
        else { return [] }
        return Array(UnsafeBufferPointer(start: data, count: Int(xmlSecBufferGetSize(buffer))))
    }

    private var isSucceeded: Bool { raw.pointee.status == xmlSecDSigStatusSucceeded }
}
