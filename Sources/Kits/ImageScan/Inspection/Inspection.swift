// SPDX-License-Identifier: Apache-2.0
public import Events

/// Reads what checks look at out of a disk image, without booting it: partitions, logical volumes,
/// file systems, files and packages.
///
/// The reading is done by a Python script of ours over modules of others, in a sandbox without
/// network that sees the image and nothing else of this machine's data.
public struct Inspection: Sendable {
    public let backend: Backend
    public let limits: Limits
    /// Path of the Unix socket of a clamd to show each file to; nil for none.
    public let clamd: String?

    /// What reads the image.
    public enum Backend: Sendable, Hashable {
        /// Dissect's modules, of the interpreter at this path: that of a virtual environment made
        /// by `ops/dissect`.
        case dissect(python: String)
        /// libguestfs by way of Debian's `python3-guestfs`, in the appliance in this directory:
        /// one made by `libguestfs-make-fixed-appliance`. Its virtual machine is emulated unless
        /// `usesKVM`.
        case libguestfs(appliance: String, usesKVM: Bool = false)
    }

    /// What one inspection may take.
    public struct Limits: Sendable, Hashable {
        /// From start to end. The inspector stops collecting at four fifths of it.
        public var timeMax: Duration
        public var cpuTimeMax: Duration
        /// Of address space, in bytes.
        public var memoryBytesMax: Int
        /// The facts' JSON, in bytes.
        public var outputBytesMax: Int
        /// How many entries are reported.
        public var entriesMax: Int
        /// How many files and directories are looked at.
        public var visitsMax: Int

        public init(
            timeMax: Duration = .seconds(600), cpuTimeMax: Duration = .seconds(600),
            memoryBytesMax: Int = 4 << 30, outputBytesMax: Int = 64 << 20,
            entriesMax: Int = 20_000, visitsMax: Int = 2_000_000
        ) {
            self.timeMax = timeMax
            self.cpuTimeMax = cpuTimeMax
            self.memoryBytesMax = memoryBytesMax
            self.outputBytesMax = outputBytesMax
            self.entriesMax = entriesMax
            self.visitsMax = visitsMax
        }
    }

    public init(backend: Backend, limits: Limits = Limits(), clamd: String? = nil) {
        self.backend = backend
        self.limits = limits
        self.clamd = clamd
    }

    /// Inspects the image at `imagePath`.
    ///
    /// - Parameters:
    ///   - imagePath: a regular file. With libguestfs and this process root's, everyone must be
    ///     allowed to read it.
    ///   - format: `raw`, `qcow2`, `vmdk`, `vdi`, `vpc` or `vhdx`, as the probe found it: nothing is
    ///     guessed. An image that names other files is refused.
    ///   - query: what to look for.
    public func facts(
        of imagePath: String, format: String, query: InspectionQuery
    ) async throws(InspectionError) -> GuestFacts {
        let request = InspectorRequest(self, format: format, query: query)
        let output = try await Inspector(self).run(request, imagePath: imagePath)
        let facts = try InspectorOutput.decoded(output, as: GuestFacts.self)
        if let fault = facts.fault(limits: limits, query: query) {
            throw .unreadable("the inspector's output is no inspection: \(fault)")
        }
        return facts
    }

    /// The inspector's name and the versions of what it consists of: a check, too, that it can be
    /// used.
    public func version() async throws(InspectionError) -> Tool {
        let output = try await Inspector(self).run(InspectorRequest(self), imagePath: nil)
        return try InspectorOutput.decoded(output, as: Tool.self)
    }
}
