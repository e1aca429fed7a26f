// SPDX-License-Identifier: Apache-2.0

/// Why an image's bytes could not be looked at. What is wrong with the bytes themselves is no
/// error but an ``ImageFinding``.
public enum ImageFileError: Error, Sendable, Hashable {
    /// The file cannot be read now; `code` is `errno`.
    case unreadable(code: Int32)

    /// Whether another attempt may succeed.
    public var isTransient: Bool { true }
}

extension ImageFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let code): "the image cannot be read (errno \(code))"
        }
    }
}
