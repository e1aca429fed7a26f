// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// The page that lists the checks says what the checks say of themselves.
@Suite struct DocumentationTests {
    private static let path =
        repositoryRoot + "/Sources/Kits/ImageScan/Documentation.docc/Checks.md"

    private static func page() -> String {
        var lines = [
            "# Checks", "",
            "What the scanner looks for in an image. Names are for waivers and settings;",
            "<doc:ScanPolicy> says how they are used.", "",
            "| check | severity | fails when |", "|---|---|---|",
        ]
        for check in Check.builtIn {
            lines.append("| `\(check.name)` | \(check.severity.rawValue) | \(check.title) |")
        }
        for check in Check.builtIn {
            let documentation = check.documentation
            lines += [
                "", "## \(check.name)", "", "\(check.title) (\(check.severity.rawValue)).", "",
                "*Finds:* \(documentation.finds)", "", "*Why:* \(documentation.matters)", "",
                "*To mend:* \(documentation.mend)", "", "*To waive:* \(documentation.waive)",
            ]
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// With `IMPRIMATUR_UPDATE_DOCUMENTATION=1` the page is written instead of compared.
    @Test func thePageOfChecksIsUpToDate() throws {
        let page = Self.page()
        if ProcessInfo.processInfo.environment["IMPRIMATUR_UPDATE_DOCUMENTATION"] == "1" {
            try page.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: Self.path, encoding: .utf8) == page)
    }
}
