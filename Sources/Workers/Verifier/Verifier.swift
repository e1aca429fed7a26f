// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Verifier {
    static func main() async {
        await Worker.run(.verifier, VerifierConfig.self) { config in VerifierHandler(config) }
    }
}
