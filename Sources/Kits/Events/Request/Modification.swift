// SPDX-License-Identifier: Apache-2.0

/// One change to an image that a request asks for. In JSON and YAML an object with one member, the
/// operation's word: `- install: {packages: [curl]}`.
public enum Modification: Sendable, Hashable {
    /// Writes a file with this content; folders above it are made.
    case write(Write)
    /// Writes a file with bytes that the fetcher downloads.
    case upload(Upload)
    /// Removes a file or a folder with all that is in it; one that is not there is no error.
    case remove(Remove)
    /// Runs a script inside the guest's system, offline, as root.
    case run(Run)
    /// Sets or locks an account's password.
    case password(Password)
    /// Adds a key to an account's authorized_keys, or removes it.
    case sshKey(SSHKey)
    /// Installs packages with the guest's package manager.
    case install(Install)
    /// Brings the guest's packages up to date.
    case update(Update)
    /// Makes the image impersonal: machine id, host keys, logs and the like.
    case sysprep(Sysprep)
    /// Makes the disk larger.
    case resize(Resize)
    /// Writes the image in another format, or compressed inside.
    case convert(Convert)

    public struct Write: Codable, Sendable, Hashable {
        /// Absolute, inside the guest.
        public var path: String
        public var content: String
        /// Octal permission bits; `0644` by default.
        public var mode: String?

        public init(path: String, content: String, mode: String? = nil) {
            self.path = path
            self.content = content
            self.mode = mode
        }
    }

    public struct Upload: Codable, Sendable, Hashable {
        public var path: String
        /// Where the fetcher gets the bytes from.
        public var url: String
        /// What they have to be, in lower-case hexadecimal.
        public var sha256: String
        public var mode: String?

        public init(path: String, url: String, sha256: String, mode: String? = nil) {
            self.path = path
            self.url = url
            self.sha256 = sha256
            self.mode = mode
        }
    }

    public struct Remove: Codable, Sendable, Hashable {
        public var path: String

        public init(path: String) { self.path = path }
    }

    public struct Run: Codable, Sendable, Hashable {
        /// With its `#!` line, or for `/bin/sh`.
        public var script: String

        public init(script: String) { self.script = script }
    }

    /// Either `hash` or `locked: true`. A clear password never travels in an event.
    public struct Password: Codable, Sendable, Hashable {
        public var user: String
        /// As crypt(5) writes it, such as `$y$…` or `$6$…`.
        public var hash: String?
        public var locked: Bool?

        public init(user: String, hash: String? = nil, locked: Bool? = nil) {
            self.user = user
            self.hash = hash
            self.locked = locked
        }
    }

    /// Either `add` or `remove`: a line of authorized_keys.
    public struct SSHKey: Codable, Sendable, Hashable {
        public var user: String
        public var add: String?
        public var remove: String?

        public init(user: String, add: String? = nil, remove: String? = nil) {
            self.user = user
            self.add = add
            self.remove = remove
        }
    }

    public struct Install: Codable, Sendable, Hashable {
        public var packages: [String]

        public init(packages: [String]) { self.packages = packages }
    }

    public struct Update: Codable, Sendable, Hashable {
        public init() {}
    }

    public struct Sysprep: Codable, Sendable, Hashable {
        /// Names of virt-sysprep's operations; its defaults, without those that cannot be repeated
        /// alike, when absent.
        public var operations: [String]?

        public init(operations: [String]? = nil) { self.operations = operations }
    }

    public struct Resize: Codable, Sendable, Hashable {
        /// The disk's new size in bytes, not below the old one.
        public var size: Int

        public init(size: Int) { self.size = size }
    }

    public struct Convert: Codable, Sendable, Hashable {
        public var format: ImageRequest.Format
        /// Compress clusters inside a qcow2 file.
        public var compress: Bool?

        public init(format: ImageRequest.Format, compress: Bool? = nil) {
            self.format = format
            self.compress = compress
        }
    }
}

extension Modification: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case write, upload, remove, run, password, sshKey, install, update, sysprep, resize
        case convert
    }

    /// The word of the operation, such as `install`.
    public var operation: String { key.rawValue }

    private var key: CodingKeys {
        switch self {
        case .write: .write
        case .upload: .upload
        case .remove: .remove
        case .run: .run
        case .password: .password
        case .sshKey: .sshKey
        case .install: .install
        case .update: .update
        case .sysprep: .sysprep
        case .resize: .resize
        case .convert: .convert
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard container.allKeys.count == 1, let key = container.allKeys.first else {
            let words = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "must have exactly one of \(words)"))
        }
        self =
            switch key {
            case .write: .write(try container.decode(Write.self, forKey: key))
            case .upload: .upload(try container.decode(Upload.self, forKey: key))
            case .remove: .remove(try container.decode(Remove.self, forKey: key))
            case .run: .run(try container.decode(Run.self, forKey: key))
            case .password: .password(try container.decode(Password.self, forKey: key))
            case .sshKey: .sshKey(try container.decode(SSHKey.self, forKey: key))
            case .install: .install(try container.decode(Install.self, forKey: key))
            case .update: .update(try container.decode(Update.self, forKey: key))
            case .sysprep: .sysprep(try container.decode(Sysprep.self, forKey: key))
            case .resize: .resize(try container.decode(Resize.self, forKey: key))
            case .convert: .convert(try container.decode(Convert.self, forKey: key))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .write(let value): try container.encode(value, forKey: .write)
        case .upload(let value): try container.encode(value, forKey: .upload)
        case .remove(let value): try container.encode(value, forKey: .remove)
        case .run(let value): try container.encode(value, forKey: .run)
        case .password(let value): try container.encode(value, forKey: .password)
        case .sshKey(let value): try container.encode(value, forKey: .sshKey)
        case .install(let value): try container.encode(value, forKey: .install)
        case .update(let value): try container.encode(value, forKey: .update)
        case .sysprep(let value): try container.encode(value, forKey: .sysprep)
        case .resize(let value): try container.encode(value, forKey: .resize)
        case .convert(let value): try container.encode(value, forKey: .convert)
        }
    }
}
