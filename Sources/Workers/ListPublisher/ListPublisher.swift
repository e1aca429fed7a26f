// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct ListPublisherMain {
    static func main() async {
        await Worker.run(.listPublisher, ListPublisherConfig.self) { config in
            ListPublisherHandler(
                config.publication, check: config.check, batchMax: config.batchMax)
        }
    }
}
