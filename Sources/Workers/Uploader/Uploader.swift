// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Uploader {
    static func main() async {
        await Worker.run(.uploader, UploaderConfig.self) { config in UploaderHandler(config) }
    }
}
