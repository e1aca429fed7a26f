// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Signer {
    static func main() async {
        await Worker.run(.signer, SignerConfig.self) { config in SignerHandler(config) }
    }
}
