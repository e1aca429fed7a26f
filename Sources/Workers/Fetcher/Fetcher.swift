// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Fetcher {
    static func main() async {
        await Worker.run(.fetcher, FetcherConfig.self) { config in FetcherHandler(config) }
    }
}
