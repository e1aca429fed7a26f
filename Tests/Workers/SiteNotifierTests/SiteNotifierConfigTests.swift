// SPDX-License-Identifier: Apache-2.0
import Pipeline
import Testing

@testable import SiteNotifierWorker

@Suite struct SiteNotifierConfigTests {
    private static let mail = [
        "mail-to": "a@example.org", "mail-from": "b@example.org", "smtp-url": "smtp://mail",
    ]

    private func config(_ values: [String: String]) throws -> SiteNotifierConfig {
        let keyed = Dictionary(
            uniqueKeysWithValues: values.map { ("site-notifier.\($0.key)", $0.value) })
        return try SiteNotifierConfig(SettingValues(SiteNotifierConfig.settings, keyed))
    }

    @Test func nothingIsRequired() throws {
        #expect(try config([:]).mail == nil)
        #expect(try config([:]).sites.isEmpty)
    }

    @Test(arguments: [
        "smtp://mail.example.org", "smtp://127.0.0.1:2525", "smtps://mail.example.org/",
        "smtp+starttls://mail:587", "smtp://[::1]:25", "smtp://[::1]",
    ])
    func mailServersAreUnderstood(url: String) throws {
        #expect(try config(Self.mail.merging(["smtp-url": url]) { $1 }).mail != nil)
    }

    @Test(arguments: [
        ["sites": "RAL"], ["sites": "a.b"], ["sites": "a,a"], ["sites": "#"],
        ["mail-to": "a@example.org"], ["mail-to": "nobody"],
    ])
    func wrongValuesAreNamed(values: [String: String]) {
        let error = #expect(throws: ConfigurationError.self) { try config(values) }
        #expect(error?.problems.first?.key.hasPrefix("site-notifier.") == true)
    }

    @Test(arguments: [
        ["smtp-url": "mail.example.org"], ["smtp-url": "smtp://u:p@mail"],
        ["smtp-url": "smtp://mail:x"], ["smtp-url": "smtp://mail:99999"],
        ["smtp-url": "smtp://mail/path"], ["mail-from": "x"],
        ["smtp-user": "u", "smtp-password": "secret-word"],
    ])
    func wrongMailValuesAreNamed(values: [String: String]) {
        let error = #expect(throws: ConfigurationError.self) {
            try config(Self.mail.merging(values) { $1 })
        }
        #expect(error?.description.contains("secret-word") == false)
    }
}
