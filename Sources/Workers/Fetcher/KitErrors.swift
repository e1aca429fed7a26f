// SPDX-License-Identifier: Apache-2.0
public import Compression
public import Pipeline
public import Transfer

// What the kits' errors mean to the runtime when the handler does not turn them into an outcome.

extension TransferError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}

extension CompressionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}
