// SPDX-License-Identifier: Apache-2.0

/// Answers OpenSSL's question for a password or PIN, so that it never asks at the terminal.
final class PasswordRequest {
    private let bytes: [UInt8]
    private(set) var isAsked = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Calls `body` with what ``answerPassword(_:_:_:_:)`` needs as its context.
    func withContext<R>(
        _ body: (UnsafeMutableRawPointer) throws(SignaturesError) -> R
    ) throws(SignaturesError) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Writes the password; returns its length, or -1 when it is empty or too long.
    fileprivate func answer(_ buffer: UnsafeMutablePointer<CChar>, size: CInt) -> CInt {
        isAsked = true
        guard !bytes.isEmpty, bytes.count <= Int(size) else { return -1 }
        for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        return CInt(bytes.count)
    }
}

/// A `pem_password_cb` (https://docs.openssl.org/3.0/man3/PEM_read_bio_PrivateKey/).
///
/// - Parameter context: from `PasswordRequest.withContext`.
func answerPassword(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: CInt, _ isWriting: CInt,
    _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context, let buffer else { return -1 }
    return Unmanaged<PasswordRequest>.fromOpaque(context).takeUnretainedValue()
        .answer(buffer, size: size)
}
