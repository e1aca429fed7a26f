// SPDX-License-Identifier: Apache-2.0
import Pipeline
import StratusLab
import Testing

@testable import UploaderWorker

@Suite struct UploaderConfigTests {
    private func config(_ values: [String: String]) throws -> UploaderConfig {
        try UploaderConfig(try SettingValues(UploaderConfig.settings, values))
    }

    @Test func defaultsAreReasonable() throws {
        let config = try config(["uploader.marketplace-url": "https://market.example.org"])
        #expect(config.marketplace.base == "https://market.example.org/")
        #expect(config.confirmationTimeMax == .seconds(7 * 86_400))
    }

    @Test(arguments: [
        [:], ["uploader.marketplace-url": "ftp://a/"],
        ["uploader.marketplace-url": "http://a/?b"],
        ["uploader.marketplace-url": "http://a/", "uploader.user": "ada"],
        ["uploader.marketplace-url": "http://a/", "uploader.password": "x"],
        ["uploader.marketplace-url": "http://a/", "uploader.confirmation-timeout": "30d"],
    ])
    func wrongValuesAreNamed(values: [String: String]) {
        #expect(throws: ConfigurationError.self) { try config(values) }
    }

    @Test func aPasswordNeverShows() throws {
        let values = [
            "uploader.marketplace-url": "http://a/", "uploader.user": "ada",
            "uploader.password": "hush\u{1}secret",
        ]
        do {
            _ = try config(values)
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("hush"))
        }
    }
}
