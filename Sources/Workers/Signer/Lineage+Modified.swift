// SPDX-License-Identifier: Apache-2.0
import Attestation
import Events

extension Lineage {
    /// The modified image is the verified one, or what the request's modifications make of it.
    func checkModified() throws(LineageBreach) {
        guard modified.blob.isWellFormed, modified.digests.isWellFormed,
            modified.uncompressed.digests.isWellFormed, modified.uncompressed.size >= 0
        else {
            throw LineageBreach("malformed", "the modified facts are malformed")
        }
        try same(
            "modified-source", "the blob that was modified", text(modified.source),
            "the verified one", text(verified.blob))
        try same(
            "modified-digest", "the modified blob", modified.blob.sha256,
            "its SHA-256", modified.digests.sha256)
        if modified.compression == .none {
            guard modified.uncompressed.size == modified.blob.size,
                modified.uncompressed.digests == modified.digests
            else {
                throw LineageBreach(
                    "uncompressed-mismatch",
                    "the modified image is not compressed, but differs from its uncompressed form")
            }
        }
        let wanted = request.modifications ?? []
        if wanted.isEmpty { try checkUntouched() } else { try checkSteps(wanted) }
    }

    /// Nothing is done to an image that nobody has asked for.
    private func checkUntouched() throws(LineageBreach) {
        let untouched = Modified(untouched: fetched, format: request.source.format)
        guard modified.steps.isEmpty, modified.blob == untouched.blob,
            modified.digests == untouched.digests, modified.format == untouched.format,
            modified.compression == untouched.compression,
            modified.uncompressed == untouched.uncompressed
        else {
            throw LineageBreach(
                "modified-unasked", "the request asks for no modification, but there is one",
                evidence: ["found": text(modified.blob), "expected": text(fetched.blob)])
        }
    }

    /// One step for each modification, in their order.
    private func checkSteps(_ wanted: [Modification]) throws(LineageBreach) {
        var expected: [Modified.Step] = []
        for modification in wanted {
            do {
                let sha256 = try CanonicalJSON.sha256(encoding: modification)
                expected.append(
                    Modified.Step(operation: modification.operation, sha256: sha256))
            } catch {
                throw LineageBreach("malformed", "the request's modifications: \(error)")
            }
        }
        guard modified.steps == expected else {
            func list(_ steps: [Modified.Step]) -> String {
                steps.map { "\($0.operation) \($0.sha256.prefix(8))" }.joined(separator: ", ")
            }
            throw LineageBreach(
                "modified-steps", "what was done to the image is not what the request asks for",
                evidence: ["found": list(modified.steps), "expected": list(expected)])
        }
        try checkUploads(wanted)
        var format = request.source.format
        for case .convert(let convert) in wanted { format = convert.format }
        try same(
            "modified-format", "the modified image's format", modified.format.rawValue,
            "the one that the request leads to", format.rawValue)
    }

    /// What the modifications upload was fetched and is what the request pins.
    private func checkUploads(_ wanted: [Modification]) throws(LineageBreach) {
        let files = fetched.files ?? []
        for case .upload(let upload) in wanted {
            let isFetched = files.contains {
                $0.url == upload.url && $0.blob.sha256 == upload.sha256
            }
            guard !isFetched else { continue }
            throw LineageBreach(
                "upload", "the file to upload from \(upload.url.prefix(200)) was not fetched",
                evidence: ["expected": upload.sha256])
        }
    }
}
