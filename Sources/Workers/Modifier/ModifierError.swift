// SPDX-License-Identifier: Apache-2.0
public import Compression
import Files
public import ImageFile
public import Pipeline
public import Programs

/// Why an image could not be modified although nothing is wrong with it.
enum ModifierError: Error, Sendable, Hashable {
    /// A file operation failed; `code` is the `errno`.
    case file(operation: String, path: String, code: Int32)
    /// libguestfs's virtual machine does not start.
    case appliance(reason: String)
    /// A program said or did what it should not.
    case program(String, reason: String)
    /// Others could exchange what lies in the work directory.
    case foreignDirectory(String)
    /// A program is not installed.
    case missing(String, package: String)
    /// The event's time was over before the work was done.
    case outOfTime
}

extension ModifierError: FileFailure {
    init(operation: String, path: String, code: Int32) {
        self = .file(operation: operation, path: path, code: code)
    }
}

extension ModifierError {
    /// What became of a program; one that is missing, with the Debian package that has it.
    static func naming(_ error: ProgramsError) -> any Error {
        guard case .missing(let name) = error else { return error }
        let package =
            switch name {
            case "qemu-img": "qemu-utils"
            case "/usr/bin/python3": "python3"
            default: "libguestfs-tools"
            }
        return ModifierError.missing(name, package: package)
    }
}

extension ModifierError: Disposed {
    /// Without its programs this worker cannot work at all; the rest may pass, if only because an
    /// operator mends it.
    var disposition: Disposition {
        switch self {
        case .missing, .foreignDirectory: .fatal
        case .file, .appliance, .program, .outOfTime: .transient
        }
    }
}

extension ModifierError: CustomStringConvertible {
    var description: String {
        switch self {
        case .file(let operation, let path, let code):
            "\(operation) of '\(path)' failed with errno \(code)"
        case .appliance(let reason):
            "libguestfs's appliance does not start: \(reason); needed are the packages"
                + " libguestfs-tools, libguestfs-xfs, python3-guestfs, supermin, a qemu-system for"
                + " this machine and a Linux kernel that everyone may read (/boot/vmlinuz-*)"
        case .program(let name, let reason): "\(name): \(reason)"
        case .foreignDirectory(let path):
            "the directory '\(path)' (modifier.work-directory) has to be this user's own, and"
                + " writable by nobody else"
        case .missing(let name, let package):
            "the program '\(name)' is not installed: install the package \(package)"
        case .outOfTime:
            "the image could not be modified before handler.deadline; modifier.time-max has to fit"
                + " into it"
        }
    }
}

// What the kits' errors mean to the runtime.

extension ProgramsError: Disposed {
    /// Without programs and sandbox this worker cannot work at all.
    public var disposition: Disposition {
        switch self {
        case .missing, .sandboxUnavailable: .fatal
        default: .transient
        }
    }
}

extension CompressionError: Disposed {
    public var disposition: Disposition { isTransient ? .transient : .permanent }
}

extension ImageFileError: Disposed {
    public var disposition: Disposition { .transient }
}
