// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Signatures of good documents, changed in the parts that no signature covers.
enum SignatureTampering {
    private static let value = "<SignatureValue>"
    private static let certificate = "<X509Certificate>"
    private static let info = "<KeyInfo>"

    static var all: [HostileDocument] { values + algorithms + keys + structure }

    private static let values: [HostileDocument] = [
        .meddled("a signature value of another text", "Signature", value, value + "AAAA"),
        .meddled("a signature value with a bad character", "SignatureValue", value, value + "*"),
        .meddled("a signature value padded", "SignatureValue", value, value + "===="),
        emptied("an empty signature value", "SignatureValue"),
        .meddled(
            "a signature value cut off", "SignatureValue", "==</SignatureValue>",
            "</SignatureValue>"),
        .meddled("an element in the signature value", "SignatureValue", value, value + "<x/>"),
        doubled("two signature values", "SignatureValue", "Signature"),
        removed("no signature value", "SignatureValue", "Signature"),
        emptied("an empty digest value", "DigestValue"),
        .meddled(
            "a digest value with letters in front", "Signature", "<DigestValue>",
            "<DigestValue>AAAA"),
        removed("no digest value", "DigestValue", "Reference"),
        doubled("two digest values", "DigestValue", "Reference"),
        HostileDocument("the signature of another document", .signature("Signature")) { workshop in
            let other = try workshop.resigned("CirrOS image", "Other image")
            let (_, signature) = try Workshop.split(String(decoding: other, as: UTF8.self))
            return Array(
                try Workshop.replace(workshop.signature, with: signature, in: workshop.genuine).utf8
            )
        },
        HostileDocument("the signature value of another document", .signature("Signature")) {
            workshop in
            let other = try workshop.resigned("CirrOS image", "Other image")
            let text = String(decoding: other, as: UTF8.self)
            let theirs = element("SignatureValue", of: text)
            let ours = element("SignatureValue", of: workshop.genuine)
            return Array(try Workshop.replace(ours, with: theirs, in: workshop.genuine).utf8)
        },
        HostileDocument("a signature value of zeros", .signature("Signature")) { workshop in
            let zeros = String(repeating: "A", count: 342) + "=="
            return Array(
                try Workshop.replace(
                    element("SignatureValue", of: workshop.genuine),
                    with: "<SignatureValue>\(zeros)</SignatureValue>", in: workshop.genuine
                ).utf8)
        },
    ]

    private static let algorithms: [HostileDocument] = [
        .meddled(
            "the signature method exchanged", "Signature", "2000/09/xmldsig#rsa-sha1",
            "2001/04/xmldsig-more#rsa-sha256"),
        .meddled(
            "no algorithm of signature", "SignatureMethod",
            " Algorithm=\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"", ""),
        .meddled("the method dsa-sha1", "SignatureMethod", "#rsa-sha1", "#dsa-sha1"),
        .meddled(
            "a method of no name", "SignatureMethod",
            "\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"", "\"\""),
        .meddled("the method none", "SignatureMethod", "#rsa-sha1", "#none"),
        .meddled("a method in capitals", "SignatureMethod", "#rsa-sha1", "#RSA-SHA1"),
        .meddled("a method with a space", "SignatureMethod", "#rsa-sha1\"", "#rsa-sha1 \""),
        .meddled("the canonicalization exchanged", "Signature", "#WithComments", ""),
        .meddled(
            "the digest method exchanged", "Signature", "2001/04/xmlenc#sha256",
            "2000/09/xmldsig#sha1"),
        .meddled("the transform exchanged", "Transforms", "#enveloped-signature", "#base64"),
        .meddled("the reference's URI exchanged", "Reference", "URI=\"\"", "URI=\"#x\""),
        .meddled("the reference's URI taken away", "Reference", " URI=\"\"", ""),
    ]

    private static let keys: [HostileDocument] = [
        removed("no key information", "KeyInfo", "Signature"),
        emptied("an empty key information", "KeyInfo"),
        emptied("no certificate", "X509Data"),
        emptied("an empty certificate", "X509Certificate"),
        .meddled(
            "a certificate that is no Base64", "X509Certificate", certificate, certificate + "*"),
        .meddled(
            "a certificate with bytes in front", "X509Certificate", certificate,
            certificate + "AAAA"),
        .meddled(
            "a certificate with bytes behind", "X509Certificate", "</X509Certificate>",
            "AAAA</X509Certificate>"),
        .meddled(
            "a certificate in PEM", "X509Certificate", certificate,
            certificate + "-----BEGIN CERTIFICATE-----\n"),
        .meddled(
            "a key name before the certificate", "KeyInfo", info,
            info + "<KeyName>endorser</KeyName>"),
        .meddled(
            "a retrieval method", "KeyInfo", info,
            info
                + "<RetrievalMethod URI=\"http://127.0.0.1/key\" "
                + "Type=\"http://www.w3.org/2000/09/xmldsig#rawX509Certificate\"/>"
        ),
        .meddled(
            "a retrieval method for a file", "KeyInfo", "</KeyInfo>",
            "<RetrievalMethod URI=\"file:///etc/passwd\"/></KeyInfo>"),
        .meddled(
            "a subject name beside the certificate", "X509Data", "<X509Data>",
            "<X509Data><X509SubjectName>CN=Boss</X509SubjectName>"),
        .meddled(
            "a revocation list beside the certificate", "X509Data", "</X509Data>",
            "<X509CRL>AAAA</X509CRL></X509Data>"),
        doubled("two key informations", "KeyInfo", "Signature"),
        doubled("two lots of X.509 data", "X509Data", "KeyInfo"),
        doubled("the certificate twice", "X509Certificate", "X509Data"),
        HostileDocument("a stranger's certificate", .signature("Signature")) {
            try $0.meddled(element("X509Data", of: $0.signature), Forgery.certificates($0.stranger))
        },
        HostileDocument("a stranger's certificate before the endorser's", .signature("X509Data")) {
            try $0.meddled(
                element("X509Data", of: $0.signature),
                Forgery.certificates($0.stranger, $0.endorser))
        },
        HostileDocument("a key for a certificate", .signature("X509Certificate")) {
            try $0.meddled(
                element("X509Certificate", of: $0.signature),
                "<X509Certificate>MAkwBwYFKw4DAhoDAQA=</X509Certificate>")
        },
    ]

    private static let structure: [HostileDocument] = [
        HostileDocument("not signed", .unsigned) { Array($0.draft.utf8) },
        HostileDocument("a signature in another namespace", .unsigned) {
            try $0.meddled("2000/09/xmldsig#\"", "2000/09/xmldsig\"")
        },
        HostileDocument("an empty signature", .signature("Signature")) {
            let empty = "<Signature xmlns=\"\(Forgery.dsig)\"/>"
            return Array(try Workshop.replace($0.signature, with: empty, in: $0.genuine).utf8)
        },
        emptied("an empty SignedInfo", "SignedInfo"),
        removed("no SignedInfo", "SignedInfo", "Signature"),
        doubled("two SignedInfos", "SignedInfo", "Signature"),
        removed("no reference", "Reference", "SignedInfo"),
        removed("no canonicalization method", "CanonicalizationMethod", "SignedInfo"),
        removed("no signature method", "SignatureMethod", "SignedInfo"),
        removed("no digest method", "DigestMethod", "Reference"),
        removed("no transforms", "Transforms", "Reference"),
        emptied("no transform", "Transforms"),
        .meddled(
            "an element of another namespace in SignedInfo", "SignedInfo", "<SignedInfo>",
            "<SignedInfo><x xmlns=\"\"/>"),
        .meddled("text in the signature", "Signature", "<SignedInfo>", "text<SignedInfo>"),
        .meddled(
            "an attribute in the SignedInfo", "SignedInfo", "<SignedInfo>",
            "<SignedInfo Id=\"a\">"),
        .meddled(
            "a comment in the SignedInfo", "SignedInfo", "<SignedInfo>", "<SignedInfo><!--a-->"),
        .meddled(
            "a namespace declared in the SignedInfo", "Signature", "<SignedInfo>",
            "<SignedInfo xmlns:x=\"http://example.org/\">"),
    ]

    /// The first element of that name, as it is written.
    static func element(_ name: String, of text: String) -> String {
        guard let start = text.range(of: "<\(name)"),
            let open = text.range(of: ">", range: start.upperBound..<text.endIndex)
        else { return "" }
        let before = text.index(before: open.lowerBound)
        if text[before] == "/" { return String(text[start.lowerBound..<open.upperBound]) }
        let rest = start.upperBound..<text.endIndex
        guard let end = text.range(of: "</\(name)>", range: rest) else { return "" }
        return String(text[start.lowerBound..<end.upperBound])
    }

    private static func removed(
        _ name: String, _ child: String, _ element: String
    ) -> HostileDocument {
        changed(name, child, element) { _ in "" }
    }

    private static func emptied(_ name: String, _ element: String) -> HostileDocument {
        changed(name, element, element) { _ in "<\(element)/>" }
    }

    private static func doubled(
        _ name: String, _ child: String, _ element: String
    ) -> HostileDocument {
        changed(name, child, element) { $0 + $0 }
    }

    private static func changed(
        _ name: String, _ child: String, _ element: String,
        _ change: @escaping @Sendable (String) -> String
    ) -> HostileDocument {
        HostileDocument(name, .signature(element)) {
            let old = self.element(child, of: $0.signature)
            return try $0.meddled(old, change(old))
        }
    }
}
