// SPDX-License-Identifier: Apache-2.0
public import Events
public import ImageFile
public import ImageScan
public import Pipeline

/// Inspects images and holds them against a security policy, as the settings `scanner.*` say.
public struct ImageScanner: Sendable {
    public let inspection: Inspection
    public let policy: ScanPolicy
    /// What an image's own structure may claim.
    public let limits: ImageLimits
    private let packageAgeMaxDays: Int
    private let advisories: WatchedFile<AdvisoryFeed>?
    private let releases: WatchedFile<ReleaseTable>?

    /// The record of a publication's report in the store.
    public static let record = "scan-report"
    /// As many as QEMU itself reads.
    private static let snapshotsMax = 65_536
    /// What the inspector reads.
    private static let formats: Set<DiskFormat> = [.raw, .qcow2, .vmdk, .vpc, .vhdx, .vdi]

    /// Reads the policy, asks a site's own checks what they are, and looks at the files that it
    /// names, so that mistakes are told at once.
    ///
    /// - Parameter values: of ``ScanSettings/all``, at least.
    /// - Throws: `ConfigurationError`.
    public init(_ values: SettingValues) async throws(ConfigurationError) {
        inspection = try Inspection(values)
        policy = try await ScanPolicy(values)
        limits = ImageLimits(
            virtualBytesMax: try values.bytes("scanner.disk-size-max"),
            snapshotsMax: values.flag("scanner.allow-snapshots") ? Self.snapshotsMax : 0)
        let age = try values.duration("scanner.package-age-max")
        packageAgeMaxDays = Int(age.components.seconds / 86_400)
        advisories = values.string("scanner.advisory-feed").map { path in
            WatchedFile(path) { path throws(ImageScanError) in try AdvisoryFeed(path: path) }
        }
        releases = values.string("scanner.releases-file").map { path in
            WatchedFile(path) { path throws(ImageScanError) in try ReleaseTable(path: path) }
        }
        try await Self.check(advisories, values, "scanner.advisory-feed")
        try await Self.check(releases, values, "scanner.releases-file")
    }

    private static func check<Value>(
        _ file: WatchedFile<Value>?, _ values: SettingValues, _ key: String
    ) async throws(ConfigurationError) {
        do throws(ImageScanError) {
            _ = try await file?.value()
        } catch {
            throw values.problem(key, "\(error)")
        }
    }

    /// Tries the inspector.
    ///
    /// - Parameter values: those it was made of.
    /// - Throws: `ConfigurationError` that says what to install.
    public func requireInspector(_ values: SettingValues) async throws(ConfigurationError) {
        try await inspection.requireUsable(values)
    }

    /// Inspects an image and judges it. One that is unsafe to open is not opened: like one that
    /// cannot be inspected it fails the check `readable`.
    ///
    /// - Parameters:
    ///   - identity: what the report says it is about.
    ///   - waivers: those that ``ScanPolicy/problem(with:)`` finds no fault with are honoured.
    ///   - time: by which ages and ends of support are told.
    /// - Throws: `InspectionError.unavailable`, and `ImageScanError` when a file of the policy
    ///   cannot be read now.
    public func report(
        on image: ProbedImage, as identity: ScanReport.Image, waivers: [Waiver], time: Timestamp
    ) async throws -> ScanReport {
        let context = ScanContext(
            time: time, packageAgeMaxDays: packageAgeMaxDays,
            advisories: try await advisories?.value(),
            releases: try await releases?.value() ?? .builtIn,
            isMalwareSought: inspection.clamd != nil)
        func unreadable(_ reason: String) -> ScanReport {
            Scan.report(unreadable: reason, image: identity, policy: policy, context: context)
        }
        if let finding = image.report.findings.first {
            return unreadable("the image is not safe to open: \(finding.message)")
        }
        guard Self.formats.contains(image.report.format) else {
            return unreadable("images of the format \(image.report.format) are not inspected")
        }
        do throws(InspectionError) {
            let facts = try await inspection.facts(
                of: image.path, format: image.report.format.rawValue, query: policy.query)
            return await Scan.report(
                on: facts, image: identity, policy: policy, waivers: waivers, context: context)
        } catch {
            switch error {
            case .unreadable(let reason): return unreadable(reason)
            case .unavailable: throw error
            }
        }
    }
}
