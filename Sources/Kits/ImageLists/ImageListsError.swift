// SPDX-License-Identifier: Apache-2.0

/// Why a list cannot be read or continued. All cases want a person: no retry cures them, and no
/// publication is at fault.
public enum ImageListsError: Error, Sendable, Hashable {
    /// A file is longer than its limit.
    case tooLarge(file: String, bytes: Int)
    /// The file is the list of another name: two lists are configured onto one file.
    case otherList(found: String)
    /// Neither blank, comment nor a line of ours; counted from 1.
    case malformedChangelog(line: Int, reason: String)
    /// The serial has reached ``ImageList/serialMax``.
    case serialExhausted
}

extension ImageListsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let file, let bytes):
            "the \(file) is too large: \(bytes) bytes"
        case .otherList(let found):
            "the file is the list '\(found)', not the configured one"
        case .malformedChangelog(let line, let reason):
            "changelog, line \(line): \(reason)"
        case .serialExhausted:
            "the list's serial is beyond \(ImageList.serialMax): repair its '# serial:' line"
        }
    }
}
