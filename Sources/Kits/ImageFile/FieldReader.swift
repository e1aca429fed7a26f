// SPDX-License-Identifier: Apache-2.0

/// Numbers at places in a header. What lies beyond its end is 0, which no format takes for a
/// signature, an offset or a size that passes.
struct FieldReader {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    func byte(_ offset: Int) -> UInt8 {
        bytes.indices.contains(offset) ? bytes[offset] : 0
    }

    /// Bytes as they are; fewer at the end.
    func slice(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> {
        guard offset >= 0, offset < bytes.count else { return [] }
        return bytes[offset..<(offset + min(count, bytes.count - offset))]
    }

    func big16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: big(offset, 2)) }
    func big32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: big(offset, 4)) }
    func big64(_ offset: Int) -> UInt64 { big(offset, 8) }
    func little16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: little(offset, 2)) }
    func little32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: little(offset, 4)) }
    func little64(_ offset: Int) -> UInt64 { little(offset, 8) }

    private func big(_ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(byte(offset + $1)) }
    }

    private func little(_ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(byte(offset + $1)) }
    }
}

extension UInt64 {
    /// As an `Int`; a number that no file can hold becomes the largest.
    var clamped: Int { Int(clamping: self) }

    /// In sectors of 512 bytes, as bytes.
    var sectors: Int { multipliedReportingOverflow(by: 512).overflow ? .max : (self * 512).clamped }
}
