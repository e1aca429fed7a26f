// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import PipelineTesting

@testable import VerifierWorker

/// The sample image's checksum file with SHA-256, as publishers sign it.
enum SignedSample {
    static let url = Fixture.baseURL + "SHA256SUMS"
    static let host = "download.cirros-cloud.net"

    static let sums = Array(
        "\(Fixture.blob(of: Fixture.imageBytes).sha256)  \(Fixture.fileName)\n".utf8)

    /// A file of another image, with a line that would fit.
    static let otherSums = Array("# another\n".utf8) + sums

    static func request(isSigned: Bool, demands: Bool = false) -> ImageRequest {
        var request = Fixture.request()
        request.acceptWeakDigests = nil
        request.checksumFiles = [
            .init(url: url, signature: isSigned ? url + ".gpg" : nil, entry: Fixture.fileName)
        ]
        request.requireSignature = demands ? true : nil
        return request
    }
}

extension VerifierFixture {
    /// `image.fetched` for the sample with these sums, and their signature.
    func signed(
        _ sums: [UInt8], _ signature: [UInt8]?, demands: Bool = false,
        change: (inout ImageRequest) -> Void = { _ in }
    ) async throws -> Event {
        var request = SignedSample.request(isSigned: signature != nil, demands: demands)
        change(&request)
        let publication = Fixture.fetched(request: request).publication
        let blob = try await store.put(sums, for: publication)
        let signatureBlob =
            if let signature { try await store.put(signature, for: publication) } else {
                BlobReference?.none
            }
        return try await fetched(checksums: nil, request: request) { fetched in
            fetched.checksumFiles = (request.checksumFiles ?? []).map {
                .init(url: $0.url, blob: blob, signature: signatureBlob)
            }
        }
    }
}
