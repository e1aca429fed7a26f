// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport

/// Somebody's folder in which `imprimatur scan` and `imprimatur report` run, with the real
/// inspector.
struct ScanDesk: Sendable {
    let folder: TemporaryDirectory
    /// Two days after the images were made.
    static let time = Timestamp(seconds: Int64(GuestImage.time) + 2 * 86_400)

    init() throws { folder = try TemporaryDirectory() }

    func imprimatur(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let own = [
            "HOME": folder.path, "IMPRIMATUR_SCANNER_PYTHON": try DissectTools.interpreter(),
        ]
        return try await run(
            Workbench.program(), arguments, environment: own.merging(environment) { $1 },
            directory: folder.path, timeout: .seconds(180))
    }

    /// `scan`, judged by the time of the images.
    func scan(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        try await imprimatur(
            ["scan", "--at", Self.time.description] + arguments, environment: environment)
    }

    /// The image as a file in the folder.
    func write(_ image: GuestImage, to name: String = "image.qcow2") async throws {
        try await image.write(to: folder.file(name))
    }

    /// A configuration file by which the images pass whatever the date is.
    func timelessConfiguration() throws -> String {
        let releases = try folder.write(
            #"{"source": "test", "releases": [{"id": "debian", "version": "13"}]}"#,
            to: "releases.json")
        return try folder.write(
            """
            scanner:
              python: \(try DissectTools.interpreter())
              package-age-max: 3650d
              releases-file: \(releases)

            """, to: "imprimatur.yaml")
    }
}
