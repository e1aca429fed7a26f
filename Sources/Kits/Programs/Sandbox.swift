// SPDX-License-Identifier: Apache-2.0
internal import Files
internal import FoundationEssentials
internal import Glibc

/// What a program that reads hostile bytes is locked into: bubblewrap's namespaces and limits of
/// its resources.
///
/// Inside, there are the host's `/usr` (with `/bin`, `/lib` and the like), a `/proc` of its own
/// processes, the harmless devices, an empty `/tmp` of at most ``temporaryBytesMax`` and what is
/// bound; all but `/tmp` and ``writable`` read-only. There is no network (unless
/// ``sharesNetwork``), no other process, no
/// capability, no user namespace to be had, no descriptor beside the standard ones and no variable
/// of this process. When the program ends or is killed, whatever it started is killed.
///
/// It runs as ``userID``. As seen from outside that is so, too, when this process is root's: what
/// the program is to write has to be handed to it (``hand(_:)``), what it is to read by a path
/// must be readable by everyone. Else it is this process's own user, confined all the same.
public struct Sandbox: Sendable, Hashable {
    /// Files and directories that can be read inside; also sockets to connect to.
    public var readOnly: [Bind]
    /// Files and directories that can be written inside.
    public var writable: [Bind]
    public var limits: Limits
    /// Where the program starts, as seen inside.
    public var directory: String
    /// Lets the program use this machine's network, with all that its addresses reach.
    public var sharesNetwork = false
    /// Devices that are there inside when they are outside, such as `/dev/kvm`.
    public var devices: [String] = []
    /// The host's bubblewrap, looked for in `PATH`; nil when there is none.
    var bubblewrap = Self.find("bwrap")

    /// The user and the group inside: nobody.
    public static let userID: UInt32 = 65_534
    /// What `/tmp` can hold, in memory.
    public static let temporaryBytesMax = 64 << 20
    /// Where a file given as standard input lies inside, readable by path only when everyone may
    /// read it.
    public static let inputPath = "/input"

    public init(
        readOnly: [Bind] = [], writable: [Bind] = [], limits: Limits, directory: String = "/tmp"
    ) {
        self.readOnly = readOnly
        self.writable = writable
        self.limits = limits
        self.directory = directory
    }

    /// A path of the host and where it appears inside.
    public struct Bind: Sendable, Hashable {
        /// Symbolic links in it are followed. It may lie where only this process's user can go.
        public var host: String
        /// An absolute path, not beneath `/usr`; folders above it are made.
        public var inside: String

        public init(host: String, inside: String) {
            self.host = host
            self.inside = inside
        }
    }

    /// What the program may use up, beside time. A limit of this process that is lower, counts.
    public struct Limits: Sendable, Hashable {
        /// Processor time of each process, rounded up to seconds.
        public var cpuTimeMax: Duration
        /// Address space of each process.
        public var memoryBytesMax: Int
        /// Size of each file it writes.
        public var fileBytesMax: Int
        /// Open files of each process.
        public var openFilesMax: Int
        /// Processes and threads, all together.
        public var processesMax: Int

        public init(
            cpuTimeMax: Duration, memoryBytesMax: Int, fileBytesMax: Int, openFilesMax: Int = 256,
            processesMax: Int = 32
        ) {
            self.cpuTimeMax = cpuTimeMax
            self.memoryBytesMax = memoryBytesMax
            self.fileBytesMax = fileBytesMax
            self.openFilesMax = openFilesMax
            self.processesMax = processesMax
        }
    }

    /// Whether programs run as another user than this process: as nobody, when this is root's.
    static var changesUser: Bool { geteuid() == 0 }

    /// Gives a file or a directory, without what it holds, to the user that programs in a sandbox
    /// run as. Nothing has to be done unless this process is root's. Blocks.
    public static func hand(_ path: String) throws(ProgramsError) {
        guard changesUser else { return }
        try LocalFile<ProgramsError>.withDescriptor(path, O_RDONLY | O_NONBLOCK) {
            descriptor throws(ProgramsError) in
            guard fchown(descriptor, userID, userID) == 0 else {
                throw .system(operation: "handing over", path: path, code: errno)
            }
        }
    }
}
