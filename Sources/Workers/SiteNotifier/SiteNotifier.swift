// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct SiteNotifierMain {
    static func main() async {
        await Worker.run(.siteNotifier, SiteNotifierConfig.self) { config in
            SiteNotifierHandler(sites: config.sites, mail: config.mail)
        }
    }
}
