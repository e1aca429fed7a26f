// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Metadata {
    static func main() async {
        await Worker.run(.metadata, MetadataConfig.self) { _ in MetadataHandler() }
    }
}
