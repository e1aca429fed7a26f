// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The files of a guest, by absolute path. Folders that are not named are root's, mode 0755.
public struct GuestTree: Codable, Sendable, Hashable {
    /// What the entries lie upon; nil for nothing.
    public var base: Base?
    public private(set) var entries: [String: Entry]

    public init(base: Base? = nil) {
        self.base = base
        entries = [:]
    }

    public enum Base: String, Codable, Sendable {
        /// Made by mmdebstrap, cleaned as an image's maker should.
        case debian
    }

    public struct Entry: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable {
            case file, directory, link
            /// More text for a file of the base.
            case appendix
            /// Not there, though the base has it.
            case absent
        }
        public var kind: Kind
        /// Permission bits with setuid, setgid and sticky.
        public var mode: Int
        public var uid: Int
        public var gid: Int
        /// In seconds since 1970.
        public var modified: Int
        public var content: Data
        /// Where a link leads.
        public var target: String?
    }

    public subscript(path: String) -> Entry? { entries[path] }

    /// The text of a file; empty when there is none.
    public func text(_ path: String) -> String {
        String(decoding: entries[path]?.content ?? Data(), as: UTF8.self)
    }

    public mutating func file(
        _ path: String, _ text: String = "", mode: Int = 0o644, uid: Int = 0, gid: Int = 0,
        modified: Int = GuestImage.time
    ) {
        file(path, Data(text.utf8), mode: mode, uid: uid, gid: gid, modified: modified)
    }

    public mutating func file(
        _ path: String, _ content: Data, mode: Int = 0o644, uid: Int = 0, gid: Int = 0,
        modified: Int = GuestImage.time
    ) {
        entries[path] = Entry(
            kind: .file, mode: mode, uid: uid, gid: gid, modified: modified, content: content)
    }

    public mutating func directory(
        _ path: String, mode: Int = 0o755, uid: Int = 0, gid: Int = 0
    ) {
        entries[path] = Entry(
            kind: .directory, mode: mode, uid: uid, gid: gid, modified: GuestImage.time,
            content: Data())
    }

    public mutating func link(_ path: String, to target: String) {
        entries[path] = Entry(
            kind: .link, mode: 0o777, uid: 0, gid: 0, modified: GuestImage.time,
            content: Data(), target: target)
    }

    /// Adds text at a file's end; the file may be one of the base.
    public mutating func append(_ text: String, to path: String) {
        let new = Entry(
            kind: .appendix, mode: 0o644, uid: 0, gid: 0, modified: GuestImage.time,
            content: Data())
        entries[path, default: new].content += Data(text.utf8)
    }

    /// Leaves a path out, with all that is in it.
    public mutating func remove(_ path: String) {
        entries = entries.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
        guard base != nil else { return }
        entries[path] = Entry(
            kind: .absent, mode: 0, uid: 0, gid: 0, modified: GuestImage.time, content: Data())
    }

    /// Changes what is known of an entry; nothing happens when there is none.
    public mutating func change(_ path: String, _ change: (inout Entry) -> Void) {
        guard var entry = entries[path] else { return }
        change(&entry)
        entries[path] = entry
    }
}
