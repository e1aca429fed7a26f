// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A clamd of our own, with one signature and a socket in a temporary directory.
public final class PrivateClamd: Sendable {
    /// Bytes that are malware to it, and to nobody else.
    public static let malware = Array("IMPRIMATUR-TEST-MALWARE-5c1d8e".utf8)
    /// What it calls them; clamd marks signatures that are not ClamAV's own.
    public static let signature = "Imprimatur.Test.UNOFFICIAL"

    /// Of the Unix socket on which it listens.
    public let socketPath: String
    private let folder: TemporaryDirectory
    private let process: BackgroundProcess

    public init() async throws {
        folder = try TemporaryDirectory()
        socketPath = folder.file("clamd.socket")
        let pattern = Self.malware.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
        try folder.write("Imprimatur.Test:0:*:\(pattern)\n", to: "database/test.ndb")
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
