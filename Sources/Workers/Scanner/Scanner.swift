// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

@main
struct Scanner {
    static func main() async {
        await Worker.run(.scanner, ScannerConfig.self) { config in
            try await ScannerHandler(config)
        }
    }
}
