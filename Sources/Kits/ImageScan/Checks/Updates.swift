// SPDX-License-Identifier: Apache-2.0
import Events

extension Check {
    static let securityUpdates = Check(
        "security-updates", .high, "Security updates are missing",
        documentation: Documentation(
            finds: """
                Packages older than a version that closes security holes, by the advisory feed \
                that the operator configured and the package manager's own order of versions. \
                Without a feed, or when it does not speak of the guest's release, the check does \
                not apply and `package-age` judges instead.
                """,
            matters: "The holes are published, and so are programs that use them.",
            mend: "Update the packages: `update: {}` among the modifications of the request.",
            waive: """
                When the hole cannot be reached in this image, or the update breaks the software; \
                name both in the reason.
                """),
        needs: osRelease.needs
    ) { guest, context in
        guard let feed = context.advisories else {
            return .notApplicable(reason: "no advisory feed is configured")
        }
        guard let packages = guest.facts.packages else {
            return .notApplicable(reason: "there is no package database")
        }
        guard let release = Updates.release(guest, feed) else {
            return .notApplicable(reason: "the advisory feed does not speak of this release")
        }
        return CheckResult(
            packages.installed.flatMap { package in
                Updates.missing(package, packages.manager, feed, release)
            })
    }

    static let packageAge = Check(
        "package-age", .medium, "No package was installed or updated for long",
        documentation: Documentation(
            finds: """
                A package database that was last changed more days before the request than the \
                operator allows (90 unless configured), or after it. Applies when no advisory feed \
                tells more.
                """,
            matters: "Systems get security updates every week. This one lacks some, very likely.",
            mend: "Update the packages: `update: {}` among the modifications of the request.",
            waive: "When the maker looked through the updates and none concerns security."),
        needs: osRelease.needs
    ) { guest, context in
        if let feed = context.advisories, Updates.release(guest, feed) != nil {
            return .notApplicable(reason: "the advisory feed says which updates are missing")
        }
        guard let packages = guest.facts.packages else {
            return .notApplicable(reason: "there is no package database")
        }
        let changed = Timestamp(seconds: Int64(packages.modified))
        let age = (context.time.seconds - changed.seconds) / 86_400
        if age < -Updates.clockDaysMax {
            return .failed([Finding("packages were last changed on \(changed.day), in the future")])
        }
        guard age > context.packageAgeMaxDays else { return .passed }
        return .failed([
            Finding(
                "packages were last changed on \(changed.day), \(age) days before the request,"
                    + " more than \(context.packageAgeMaxDays)")
        ])
    }
}

private enum Updates {
    /// How far a guest's clock may have been ahead, and how long a request may have waited.
    static let clockDaysMax: Int64 = 7

    /// The guest's release as the feed calls it: of version `9.4` also `9`.
    static func release(_ guest: Guest, _ feed: AdvisoryFeed) -> (id: String, version: String)? {
        guard let system = OSRelease(guest) else { return nil }
        var parts = (system.version ?? "").split(separator: ".")
        while !parts.isEmpty {
            let version = parts.joined(separator: ".")
            if feed.covers(system.id, version) { return (system.id, version) }
            parts.removeLast()
        }
        return nil
    }

    static func missing(
        _ package: GuestFacts.Package, _ manager: GuestFacts.Packages.Manager,
        _ feed: AdvisoryFeed, _ release: (id: String, version: String)
    ) -> [Finding] {
        let source = Source(package)
        let advisories = feed.advisories(
            release.id, release.version, package: package.name, source: source.name)
        return advisories.compactMap { advisory in
            // A source's advisory names the source's version, which a package may not share.
            let version = advisory.package == nil ? source.version : package.version
            guard manager.order(version, advisory.fixedVersion) == .ascending else { return nil }
            let ids = advisory.ids.prefix(8).joined(separator: ", ")
            let severity = advisory.severity.map { ", \($0)" } ?? ""
            return Finding(
                "\(package.name) \(version) is older than \(advisory.fixedVersion)"
                    + (ids.isEmpty && severity.isEmpty ? "" : " (\(ids)\(severity))"))
        }
    }

    /// The source that a package was built from: dpkg writes `glibc`, or `glibc (2.36-9)` when its
    /// version is another than the package's; rpm `glibc-2.34-1.el9.src.rpm`.
    struct Source {
        var name: String
        var version: String

        init(_ package: GuestFacts.Package) {
            name = package.name
            version = package.version
            guard let source = package.source, !source.isEmpty else { return }
            if source.hasSuffix(".src.rpm") {
                let parts = source.split(separator: "-", omittingEmptySubsequences: false)
                name = parts.dropLast(2).joined(separator: "-")
            } else if let mark = source.firstRange(of: " ("), source.hasSuffix(")") {
                name = String(source[..<mark.lowerBound])
                version = String(source[mark.upperBound...].dropLast())
            } else {
                name = source
            }
        }
    }
}
