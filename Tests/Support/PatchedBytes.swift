// SPDX-License-Identifier: Apache-2.0

/// Damage to files of many formats.
extension [UInt8] {
    /// A copy with other bytes at some place.
    public func patched(_ offset: Int, _ bytes: some Collection<UInt8>) -> [UInt8] {
        var copy = self
        if copy.count < offset + bytes.count {
            copy += [UInt8](repeating: 0, count: offset + bytes.count - copy.count)
        }
        copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        return copy
    }

    public func patched(_ offset: Int, big value: UInt64) -> [UInt8] {
        patched(offset, (0..<8).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }

    public func patched(_ offset: Int, big value: UInt32) -> [UInt8] {
        patched(offset, (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }

    public func patched(_ offset: Int, little value: UInt64) -> [UInt8] {
        patched(offset, (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }

    public func patched(_ offset: Int, little value: UInt32) -> [UInt8] {
        patched(offset, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }
}
