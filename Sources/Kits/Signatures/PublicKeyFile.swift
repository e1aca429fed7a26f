// SPDX-License-Identifier: Apache-2.0

/// Keys that judge signatures of files, from a file of either kind; its content tells which.
public enum PublicKeyFile: Sendable, Hashable {
    case openPGP(OpenPGPKeyring)
    case minisign(MinisignPublicKey)

    /// Of a file, in bytes. A distribution's whole keyring has less.
    private static let bytesMax = 8 << 20

    /// Blocks.
    ///
    /// - Throws: ``SignaturesError/unreadableFile(path:reason:)``,
    ///   ``SignaturesError/notOpenPGP(_:)`` or ``SignaturesError/notMinisign(_:)``.
    public init(path: String) throws(SignaturesError) {
        let bytes = try BoundedFile.read(path: path, bytesMax: Self.bytesMax)
        self =
            MinisignPublicKey.isMinisign(bytes)
            ? .minisign(try MinisignPublicKey(file: bytes))
            : .openPGP(try OpenPGPKeyring(file: bytes))
    }
}
