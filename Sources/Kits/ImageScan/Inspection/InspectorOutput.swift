// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The script's output, which whoever made the image may have had a hand in.
enum InspectorOutput {
    static func decoded<Value: Decodable>(
        _ output: [UInt8], as type: Value.Type
    ) throws(InspectionError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(output))
        } catch {
            throw .unreadable("the inspector's output is no inspection")
        }
    }
}

extension GuestFacts {
    private static let volumesMax = 400
    private static let packagesMax = 50_000
    private static let malwareMax = 1_000
    private static let problemsMax = 300
    /// Of names, versions and the like, in bytes.
    private static let textBytesMax = 4 << 10
    /// A path of the guest's 4,096 bytes, each written as `\xff` at worst, and a name.
    fileprivate static let pathBytesMax = 48 << 10

    /// What the inspector cannot have meant, by the field's name; nil when all is well.
    func fault(limits: Inspection.Limits, query: InspectionQuery) -> String? {
        if disk.size < 0 { return "disk.size" }
        if volumes.count > Self.volumesMax || !volumes.allSatisfy(Self.isPossible) {
            return "volumes"
        }
        if let root, !volumes.indices.contains(root) { return "root" }
        let contentMax = query.paths.map(\.contentBytesMax).max() ?? 0
        guard entries.count <= limits.entriesMax,
            entries.allSatisfy({ $0.isPossible(contentBytesMax: contentMax) }),
            zip(entries, entries.dropFirst()).allSatisfy({ $0.path.comesBefore($1.path) })
        else { return "entries" }
        if let packages, !Self.arePossible(packages) { return "packages" }
        guard malware.count <= Self.malwareMax,
            malware.allSatisfy({ Self.isShort($0.signature) && $0.path.isGuestPath })
        else { return "malware" }
        if problems.count > Self.problemsMax || !problems.allSatisfy(Self.isShort) {
            return "problems"
        }
        return nil
    }

    private static func isShort(_ text: String) -> Bool { text.utf8.count <= textBytesMax }

    private static func isPossible(_ volume: Volume) -> Bool {
        isShort(volume.name) && isShort(volume.content) && volume.size >= 0
            && volume.offset ?? 0 >= 0 && volume.mountPoint?.isGuestPath ?? true
    }

    private static func arePossible(_ packages: Packages) -> Bool {
        packages.installed.count <= packagesMax
            && packages.installed.allSatisfy { package in
                isShort(package.name) && isShort(package.version)
                    && isShort(package.architecture) && isShort(package.source ?? "")
            }
    }
}

extension GuestFacts.Entry {
    fileprivate func isPossible(contentBytesMax: Int) -> Bool {
        guard path.isGuestPath, (0...0o7777).contains(mode), size >= 0,
            (0...Int(UInt32.max)).contains(uid), (0...Int(UInt32.max)).contains(gid),
            (kind == .link) == (target != nil), package?.utf8.count ?? 0 <= 1_024
        else { return false }
        guard let content else { return isTruncated == nil }
        guard kind == .file, isTruncated != nil, let data = Data(base64Encoded: content) else {
            return false
        }
        return data.count <= contentBytesMax && data.count <= size
    }
}

extension String {
    /// Whether it is an absolute path in its shortest form.
    fileprivate var isGuestPath: Bool {
        guard utf8.first == UInt8(ascii: "/"), utf8.count <= GuestFacts.pathBytesMax,
            !utf8.contains(0)
        else { return false }
        if utf8.count == 1 { return true }
        let parts = utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
        }
    }

    /// By their bytes: Swift takes different spellings of a letter for the same.
    fileprivate func comesBefore(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
