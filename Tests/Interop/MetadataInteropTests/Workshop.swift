// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import XMLDocuments

/// What documents are made from: a good one, and the means to change and to sign any text.
struct Workshop: Sendable {
    let endorser: Endorser
    let stranger: Endorser
    /// A good document, signed in the profile that the reference knows.
    let genuine: String
    /// The same without its signature.
    let draft: String
    /// The signature alone.
    let signature: String

    private static let made = Task { try await Workshop() }
    static func shared() async throws -> Workshop { try await made.value }

    private init() async throws {
        endorser = try await Endorsers.usual()
        stranger = try await Endorsers.stranger()
        let signed = try MetadataDocument.build(Self.fields).signed(
            by: endorser.identity, profile: .stratuslab, created: Endorsers.time)
        genuine = String(decoding: signed.bytes, as: UTF8.self)
        (draft, signature) = try Self.split(genuine)
    }

    /// Its integer has fewer digits than others: leading zeros come and go in the field.
    static let sha1 = "00f1d2d2f924e986ac86fdf7b36c94bcdf32beec"
    static let identifier = StratusLabIdentifier(sha1: sha1)?.text ?? ""

    /// Every element that a document may have, each with a text of its own.
    static var fields: MetadataFields {
        var fields = MetadataFields()
        fields.identifier = identifier
        fields.bytes = 12345
        fields.checksums = [
            .md5: String(repeating: "a5", count: 16), .sha1: sha1,
            .sha256: String(repeating: "b6", count: 32),
            .sha512: String(repeating: "c7", count: 64),
        ]
        (fields.type, fields.kind, fields.format) = ("base", "machine", "qcow2")
        (fields.os, fields.osVersion, fields.osArch) = ("cirros", "0.3.4", "x86_64")
        (fields.version, fields.serialNumber, fields.compression) = ("1.7", "42", "gz")
        fields.locations = ["http://example.org/cirros.img.gz"]
        (fields.creator, fields.publisher) = ("Alice", "StratusLab")
        fields.created = Endorsers.time
        fields.valid = Timestamp(seconds: 1_481_587_200)
        (fields.title, fields.tag) = ("CirrOS image", "cirros-tag")
        (fields.description, fields.hypervisor) = ("A small image", "kvm")
        fields.disksBus = "virtio"
        return fields
    }

    /// The document without its signature, and the signature.
    static func split(_ document: String) throws -> (draft: String, signature: String) {
        guard let start = document.range(of: "<Signature "),
            let end = document.range(of: "</Signature>")
        else { throw NeverHappened(description: "no signature in \(document.prefix(200))") }
        return (
            String(document[..<start.lowerBound] + document[end.upperBound...]),
            String(document[start.lowerBound..<end.upperBound])
        )
    }

    /// `text` with the first `from` replaced.
    ///
    /// - Throws: when `from` is not there: a change that changes nothing proves nothing.
    static func replace(_ from: String, with to: String, in text: String) throws -> String {
        // Not by ==, for which composed and decomposed characters are the same.
        guard !from.utf8.elementsEqual(to.utf8), text.contains(from) else {
            throw NeverHappened(description: "'\(from)' is not in the document")
        }
        return text.replacing(from, with: to, maxReplacements: 1)
    }

    /// The draft, changed and signed again: only the change can be what is wrong.
    func resigned(
        _ from: String, _ to: String, by signer: Endorser? = nil,
        profile: XMLSignatureProfile = .stratuslab
    ) throws -> [UInt8] {
        try sign(try Self.replace(from, with: to, in: draft), by: signer, profile: profile)
    }

    /// Signs any document that our parser reads, whatever it holds.
    func sign(
        _ text: String, by signer: Endorser? = nil, profile: XMLSignatureProfile = .stratuslab
    ) throws -> [UInt8] {
        let tree = try XMLDocument.parse(Array(text.utf8))
        try XMLSignature.sign(tree, by: (signer ?? endorser).identity, profile: profile)
        return try tree.serialised()
    }

    /// The genuine document with its signature changed.
    func meddled(_ from: String, _ to: String) throws -> [UInt8] {
        let changed = try Self.replace(from, with: to, in: signature)
        return Array(try Self.replace(signature, with: changed, in: genuine).utf8)
    }
}
