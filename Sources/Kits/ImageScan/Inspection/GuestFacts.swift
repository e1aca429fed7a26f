// SPDX-License-Identifier: Apache-2.0
public import Events

/// What an inspector read in an image without booting it: all that checks look at. Its JSON form
/// is also what a site's own checks get.
///
/// Everything here was written by whoever made the image; sizes and counts are bounded by the
/// inspection.
public struct GuestFacts: Codable, Sendable, Hashable {
    /// The program that read the image.
    public var inspector: Tool
    public var disk: Disk
    /// Every partition, logical volume or whole disk, in the order of the disk.
    public var volumes: [Volume]
    /// Index in ``volumes`` of the file system that holds the guest's root; nil when none does.
    public var root: Int?
    /// Entries of the guest's file systems that the inspection was asked for, by absolute path in
    /// the guest, other volumes mounted where its fstab says; sorted by the bytes of their paths,
    /// each path once.
    public var entries: [Entry]
    /// The installed packages; nil when there is no package database that the inspector knows.
    public var packages: Packages?
    /// What clamd says of files; empty when it was not asked.
    public var malware: [Malware]
    /// False when the inspection ended at one of its bounds.
    public var isComplete: Bool
    /// What could not be read, or might be seen otherwise by the guest's kernel, in one line each.
    public var problems: [String]

    public init(
        inspector: Tool, disk: Disk, volumes: [Volume] = [], root: Int? = nil,
        entries: [Entry] = [], packages: Packages? = nil, malware: [Malware] = [],
        isComplete: Bool = true, problems: [String] = []
    ) {
        self.inspector = inspector
        self.disk = disk
        self.volumes = volumes
        self.root = root
        self.entries = entries
        self.packages = packages
        self.malware = malware
        self.isComplete = isComplete
        self.problems = problems
    }

    public struct Disk: Codable, Sendable, Hashable {
        /// Bytes that the guest sees.
        public var size: Int
        /// `gpt`, `mbr`, or `none` for a file system or LVM on the whole disk.
        public var scheme: String

        public init(size: Int, scheme: String) {
            self.size = size
            self.scheme = scheme
        }
    }

    public struct Volume: Codable, Sendable, Hashable {
        /// Such as `partition 1`, `vg0/root` or `disk`.
        public var name: String
        /// In bytes from the disk's beginning; nil for a logical volume.
        public var offset: Int?
        public var size: Int
        /// `ext4`, `xfs`, `btrfs`, `vfat`, `swap`, `lvm`, `empty`, `unknown` and the like.
        public var content: String
        /// Where it is mounted in the guest; nil when it is not.
        public var mountPoint: String?

        public init(
            name: String, offset: Int?, size: Int, content: String, mountPoint: String? = nil
        ) {
            self.name = name
            self.offset = offset
            self.size = size
            self.content = content
            self.mountPoint = mountPoint
        }
    }

    public struct Entry: Codable, Sendable, Hashable {
        /// Absolute, without `.` and `..`. Bytes that are no UTF-8 are written as `\xff`.
        ///
        /// What a pattern without `**` finds through links is listed by the path without links in
        /// its folders and by the path that was asked for.
        public var path: String
        public var kind: Kind
        /// Permission bits with setuid, setgid and sticky: 0 to 0o7777.
        public var mode: Int
        public var uid: Int
        public var gid: Int
        /// In bytes.
        public var size: Int
        /// Last modification, in seconds since 1970.
        public var modified: Int
        /// Where a symbolic link leads.
        public var target: String?
        /// The file's first bytes as Base64, when its content was asked for.
        public var content: String?
        /// Whether the file is longer than ``content``.
        public var isTruncated: Bool?
        /// The package that owns the path; asked for setuid and setgid files only.
        public var package: String?

        public enum Kind: String, Codable, Sendable, Hashable {
            case file, directory, link, other
        }

        public init(
            path: String, kind: Kind = .file, mode: Int = 0o644, uid: Int = 0, gid: Int = 0,
            size: Int = 0, modified: Int = 0, target: String? = nil, content: String? = nil,
            isTruncated: Bool? = nil, package: String? = nil
        ) {
            self.path = path
            self.kind = kind
            self.mode = mode
            self.uid = uid
            self.gid = gid
            self.size = size
            self.modified = modified
            self.target = target
            self.content = content
            self.isTruncated = isTruncated
            self.package = package
        }
    }

    public struct Packages: Codable, Sendable, Hashable {
        public enum Manager: String, Codable, Sendable, Hashable { case dpkg, rpm, apk }
        public var manager: Manager
        public var installed: [Package]
        /// When the database was last changed, in seconds since 1970.
        public var modified: Int

        public init(manager: Manager, installed: [Package], modified: Int) {
            self.manager = manager
            self.installed = installed
            self.modified = modified
        }
    }

    public struct Package: Codable, Sendable, Hashable {
        public var name: String
        /// As the package manager writes it, with epoch and release.
        public var version: String
        public var architecture: String
        /// The source package, where the database names one, as it does: `glibc` or, when its
        /// version is another than the package's, `lvm2 (2.03.16-2)`; `glibc-2.34-1.el9.src.rpm`.
        public var source: String?

        public init(name: String, version: String, architecture: String, source: String? = nil) {
            self.name = name
            self.version = version
            self.architecture = architecture
            self.source = source
        }
    }

    public struct Malware: Codable, Sendable, Hashable {
        public var path: String
        /// clamd's name of what it found.
        public var signature: String

        public init(path: String, signature: String) {
            self.path = path
            self.signature = signature
        }
    }
}
