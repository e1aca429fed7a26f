// SPDX-License-Identifier: Apache-2.0
internal import Files

/// The directories of a store.
enum StoreLayout {
    static let version = "imprimatur store 1\n"
    static let folders = ["blobs", "pins", "partial", "tmp", "trash", "quarantine"]
    /// Blobs are never changed; anyone who can enter the directory may read them.
    static let blobMode: UInt32 = 0o444
    /// Which of several users' workers may write is the umask's to say.
    static let folderMode: UInt32 = 0o777
    /// Tries of what a concurrent release or collection can foil.
    static let attemptMax = 16

    /// Makes or checks the layout and returns the directory's real path.
    static func open(_ directory: String) throws(BlobStoreError) -> String {
        guard directory.hasPrefix("/") else {
            throw .notAStore(directory: directory, reason: "an absolute path is required")
        }
        try StoreFile.makeDirectories(directory, mode: folderMode)
        let root = try StoreFile.realPath(directory)
        let marker = "\(root)/layout"
        if let size = try StoreFile.size(marker), size > 0 {
            let text = try StoreFile.read(marker, bytesMax: 64)
            guard text == Array(version.utf8) else {
                throw .notAStore(directory: root, reason: "its layout is of another version")
            }
        } else {
            try create(root, marker: marker)
        }
        for folder in folders { try checkFolder("\(root)/\(folder)", root: root) }
        return root
    }

    /// Several workers may do this at once: each step tolerates that it is done already, and the
    /// marker comes last, complete or not at all.
    private static func create(_ root: String, marker: String) throws(BlobStoreError) {
        let known = Set(folders + ["layout", "lost+found"])
        for name in try StoreFile.names(in: root) where !known.contains(name) {
            throw .notAStore(directory: root, reason: "it holds other files, such as '\(name)'")
        }
        for folder in folders {
            try StoreFile.makeDirectory("\(root)/\(folder)", mode: folderMode)
        }
        for first in 0..<256 {
            let name = String(first + 0x100, radix: 16).dropFirst()
            try StoreFile.makeDirectory("\(root)/blobs/\(name)", mode: folderMode)
        }
        try StoreFile.synchroniseDirectory("\(root)/blobs")
        let temporary = "\(root)/tmp/\(StoreName.random())"
        try StoreFile.create(temporary, holding: Array(version.utf8), mode: blobMode)
        try StoreFile.rename(temporary, to: marker)
        try StoreFile.synchroniseDirectory(root)
    }

    private static func checkFolder(_ path: String, root: String) throws(BlobStoreError) {
        guard try StoreFile.isDirectory(path) else {
            throw .notAStore(directory: root, reason: "'\(path)' is not a directory")
        }
    }
}

/// Names of entries in the store.
enum StoreName {
    static let lengthMax = 64

    /// A publication's id as the name of a directory: 1 to 64 of `a-z 0-9 -`.
    static func check(_ publication: String) throws(BlobStoreError) {
        guard (1...lengthMax).contains(publication.utf8.count),
            publication.utf8.allSatisfy(isAllowed)
        else {
            throw .invalidName(publication, reason: "1 to \(lengthMax) of a-z, 0-9 and - required")
        }
    }

    static func sanitised(_ key: String) -> String {
        let safe = key.utf8.prefix(lengthMax).map { isAllowed($0) ? $0 : UInt8(ascii: "-") }
        return safe.isEmpty ? "-" : String(decoding: safe, as: UTF8.self)
    }

    /// A name that no other writer takes: 128 random bits in hexadecimal.
    static func random() -> String {
        let digits = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return digits.map { String($0, radix: 16) }.joined(separator: "-")
    }

    static func last(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// The directory that holds an absolute path's last component.
    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
    }
}
