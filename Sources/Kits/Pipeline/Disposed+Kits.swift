// SPDX-License-Identifier: Apache-2.0
public import AMQP
public import BlobStore
public import Events

// The dispositions of the errors of the kits below this one, which cannot name the protocol.

extension EventError: Disposed {
    public var disposition: Disposition { .permanent }
}

extension BlobStoreError: Disposed {
    public var disposition: Disposition {
        if isTransient { return .transient }
        return isFatal ? .fatal : .permanent
    }
}

extension AMQPError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .fatal }
}
