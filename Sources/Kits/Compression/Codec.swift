// SPDX-License-Identifier: Apache-2.0

/// One library's decompressing stream. Owns the C object; `deinit` frees it.
protocol Codec: AnyObject {
    /// Takes bytes off the front of `input` and writes into `room`. Always takes or writes
    /// something while `input` is not empty, so a loop around it ends.
    ///
    /// - Returns: bytes written.
    func decompress(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int

    /// Writes what is left after the last input; 0 when the stream is complete.
    ///
    /// - Throws: ``CompressionError/truncated(_:)`` when it is not.
    func finish(into room: UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int
}

extension UnsafeRawBufferPointer {
    /// The bytes from `count` on.
    func dropping(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[count...])
    }

    /// The first bytes, as many as a 32-bit count of a C library can say.
    var piece: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: prefix(1 << 30))
    }
}
