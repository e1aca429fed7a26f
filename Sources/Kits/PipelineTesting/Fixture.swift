// SPDX-License-Identifier: Apache-2.0
public import Events
import Pipeline
import Signatures

/// Full sample events up to each stage: the request is the CirrOS 0.3.4 example; the image is a
/// small stand-in whose digests, sizes and blobs agree throughout.
///
/// Every event of one name belongs to one publication, and each id follows from the one before as
/// in the pipeline, so that equal calls give equal events.
public enum Fixture {
    /// `time` of every `image.new` event.
    public static let requestTime = Timestamp(seconds: 1_447_840_800)  // 2015-11-18T10:00:00Z
    public static let name = "cirros-0.3.4-x86_64"
    /// Last path component of the source, and its entry in the checksum file.
    public static let fileName = "cirros-0.3.4-x86_64-disk.img"
    public static let baseURL = "http://download.cirros-cloud.net/0.3.4/"
    public static let marketplace = "http://marketplace.stratuslab.eu/"

    /// The sample image: 64 KiB, a sound qcow2 file (version 2) of an empty disk.
    public static let imageBytes: [UInt8] = {
        // Version; no backing file; clusters of 2^9 bytes; size; no encryption; one L1 entry,
        // and where; the reference-count table and its clusters; no snapshots.
        let words: [UInt32] = [
            0x5146_49fb, 2, 0, 0, 0, 9, 0, 512, 0, 1, 0, 512, 0, 1024, 1, 0, 0, 0,
        ]
        let header = words.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
        }
        let tables = [UInt8](repeating: 0, count: 2048 - header.count)
        return header + tables + (2048..<65_536).map { UInt8(($0 * 31) & 0xff) }
    }()

    /// A checksum file as `md5sum` writes it, with the image's entry among others.
    public static func checksumFile(image: [UInt8] = imageBytes) -> [UInt8] {
        let other = Digest.hex(Digest.md5(Array("other".utf8)))
        let own = Digest.hex(Digest.md5(image))
        return Array("\(other) *cirros-0.3.4-i386-disk.img\n\(own) *\(fileName)\n".utf8)
    }

    /// Stand-in for the scanner's report.
    public static let reportBytes = Array("{\"findings\":[]}\n".utf8)

    /// What made the sample image into another one: one file was written.
    public static let steps = [
        Modified.Step(operation: "write", sha256: digests(of: Array("write".utf8)).sha256)
    ]

    /// Stand-in for the unsigned StratusLab document; workers' tests replace it by a real one.
    public static let documentBytes = Array("<rdf:RDF>unsigned</rdf:RDF>\n".utf8)
    public static let signedDocumentBytes = Array("<rdf:RDF>signed</rdf:RDF>\n".utf8)

    public static func digests(of bytes: [UInt8]) -> Digests {
        Digests(
            md5: Digest.hex(Digest.md5(bytes)), sha1: Digest.hex(Digest.sha1(bytes)),
            sha256: Digest.hex(Digest.sha256(bytes)), sha512: Digest.hex(Digest.sha512(bytes)))
    }

    public static func blob(of bytes: [UInt8]) -> BlobReference {
        BlobReference(sha256: Digest.hex(Digest.sha256(bytes)), size: bytes.count)
    }

    /// The publication of the sample named `name`.
    public static func publication(name: String = name) -> String {
        DerivedIdentifier.uuid(name: "fixture\n\(name)")
    }

    /// The request as the seed of this project publishes CirrOS 0.3.4: only an MD5SUMS file
    /// vouches for it, which the endorser accepts by name.
    public static func request(name: String = name) -> ImageRequest {
        ImageRequest(
            name: name,
            source: ImageRequest.Source(
                url: baseURL + fileName, format: .qcow2, compression: CompressionKind.none),
            checksumFiles: [ImageRequest.ChecksumFile(url: baseURL + "MD5SUMS")],
            acceptWeakDigests: [.md5],
            metadata: ImageRequest.Description(
                title: "CirrOS 0.3.4", description: "CirrOS 0.3.4, a tiny cloud image",
                os: "cirros", osVersion: "0.3.4", osArch: "x86_64", version: "0.3.4",
                type: .base, kind: "machine", creator: "Ada Endorser",
                publisher: "StratusLab", hypervisor: "kvm"))
    }
}
