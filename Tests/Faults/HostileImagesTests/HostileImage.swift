// SPDX-License-Identifier: Apache-2.0
import ImageFile
import TestSupport
import Testing

/// An image that tries something, and what becomes of it.
struct HostileImage: Sendable, CustomTestStringConvertible {
    /// Of the image in the table of the page, and of its folder.
    var name: String
    /// What qemu-img and the inspector are told: never do they guess.
    var format: String
    /// What it tries, in the words of the page.
    var attempt: String
    var probe: Probe
    var qemu: QEMU
    var inspector: Inspector
    /// Whether it names something of the host, which qemu-img is then given every chance to open.
    var namesHost = false
    /// Makes it in its folder.
    var make: @Sendable (HostileRoom, String) async throws -> Void

    var testDescription: String { name }

    /// What our probe says.
    enum Probe: Sendable, Hashable, CustomStringConvertible {
        case passes
        /// All rules it breaks, in the order of the findings.
        case refuses(ImageFinding.Rule, then: [ImageFinding.Rule] = [])

        init(_ rules: [ImageFinding.Rule]) {
            self = rules.first.map { .refuses($0, then: Array(rules.dropFirst())) } ?? .passes
        }

        var description: String {
            switch self {
            case .passes: "passes"
            case .refuses(let rule, let others):
                ([rule] + others).map { "`\($0.rawValue)`" }.joined(separator: ", ")
            }
        }
    }

    /// What `qemu-img info` does, told the format.
    enum QEMU: String, Sendable {
        /// Opens it and sees the size that the probe sees.
        case opens
        case opensWithOtherSize = "opens, another size"
        case refuses
    }

    /// What the inspection with Dissect ends with.
    enum Inspector: String, Sendable {
        /// Facts without a problem.
        case facts
        /// Facts of what could be read, with a line for what could not.
        case partly
        case refuses
        /// Depends on what the damage hits, which differs between versions of what makes the image,
        /// or on which limit is reached first.
        case any = "as it comes"

        func admits(_ found: Inspector) -> Bool { self == found || self == .any }
    }

    /// Its line in the page's table.
    var row: String {
        "| \(name) | \(attempt) | \(probe) | \(qemu.rawValue) | \(inspector.rawValue) |"
    }
}

extension HostileImage {
    static let all =
        qcow2Names + qcow2Tables + vmdk + virtualBox + hyperV + twoFormats + partitions
        + logicalVolumes + ext4 + ext4Trees + xfs + btrfs
}
