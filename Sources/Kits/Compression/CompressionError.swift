// SPDX-License-Identifier: Apache-2.0

/// Why compressed data was refused. All cases but the last are final: the data is what it is.
public enum CompressionError: Error, Sendable, Hashable {
    /// The data breaks its format or fails its own check sum.
    case corrupt(CompressionFormat, reason: String)
    /// The data ends early.
    case truncated(CompressionFormat)
    /// Something else follows the compressed data.
    case trailingData(CompressionFormat)
    /// The output would be larger than allowed.
    case tooLarge(bytesMax: Int)
    /// The output is more than this many times the input, as a decompression bomb's is.
    case ratioExceeded(ratioMax: Int)
    /// Decompressing would need more memory than allowed.
    case tooMuchMemory(CompressionFormat, bytesMax: Int)
    /// The library has no memory left. May pass.
    case outOfMemory

    /// True when the same call may succeed later.
    public var isTransient: Bool { self == .outOfMemory }
}

extension CompressionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .corrupt(let format, let reason): "\(format.rawValue) data is corrupt: \(reason)"
        case .truncated(let format): "\(format.rawValue) data is truncated"
        case .trailingData(let format): "other data follows the \(format.rawValue) data"
        case .tooLarge(let bytesMax):
            "uncompressed data exceeds the limit of \(bytesMax) bytes"
        case .ratioExceeded(let ratioMax):
            "uncompressed data is more than \(ratioMax) times the compressed"
        case .tooMuchMemory(let format, let bytesMax):
            "\(format.rawValue) data needs more than \(bytesMax) bytes of memory to decompress"
        case .outOfMemory: "no memory left to decompress"
        }
    }
}
