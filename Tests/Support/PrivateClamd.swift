// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A clamd of our own that knows ``GuestFault/malware`` and nothing else, with its socket in a
/// temporary directory.
public final class PrivateClamd: Sendable {
    /// Its name for what it finds; clamd marks signatures that are not ClamAV's own.
    public static let signature = "Imprimatur.Test.Sample.UNOFFICIAL"

    /// Of the Unix socket on which it listens.
    public let socketPath: String
    private let folder: TemporaryDirectory
    private let process: BackgroundProcess

    public init() async throws {
        folder = try TemporaryDirectory()
        socketPath = folder.file("clamd.socket")
        try folder.write(GuestFault.malwareSignature + "\n", to: "database/test.ndb")
        let configuration = try folder.write(
            """
            Foreground yes
            LocalSocket \(socketPath)
            LocalSocketMode 666
            DatabaseDirectory \(folder.file("database"))
            TemporaryDirectory \(folder.path)

            """, to: "clamd.conf")
        // Who inspects an image may be another user than who runs the tests.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o711], ofItemAtPath: folder.path)
        process = try BackgroundProcess(
            "/usr/sbin/clamd", ["--config-file", configuration], output: folder.file("output"))
        try await eventually(timeout: .seconds(60), "clamd's socket") { [process, socketPath] in
            guard process.exitStatus == nil else {
                throw NeverHappened(description: "clamd ended: \(process.output)")
            }
            return FileManager.default.fileExists(atPath: socketPath)
        }
    }

    /// Kills it: nobody answers on its socket.
    public func stop() async throws {
        process.kill()
        try await process.waitForExit()
    }
}
