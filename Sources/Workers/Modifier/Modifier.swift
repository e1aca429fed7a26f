// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Modifier {
    static func main() async {
        await Worker.run(.modifier, ModifierConfig.self) { config in ModifierHandler(config) }
    }
}
