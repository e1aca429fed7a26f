// SPDX-License-Identifier: Apache-2.0

extension GuestImage {
    /// The path of a genuine Alpine Linux 3.23 that others made, which is for reading only: qcow2,
    /// ext4 without partitions. The first call downloads 86 MB from PyPI.
    public static func alpine() async throws -> String {
        let (status, output) = try await run(
            "python3", ["\(repositoryRoot)/Tests/Support/Guests/alpine.py"],
            timeout: .seconds(180))
        guard status == 0, let line = output.split(separator: "\n").last else {
            throw Failure(description: "alpine.py: \(output.suffix(3000))")
        }
        return String(line)
    }
}
