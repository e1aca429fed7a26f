// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where a command writes. Results go to standard output, everything else to standard error.
enum Terminal {
    /// Whether people read standard output, rather than a program or a file.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes a line of results.
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a line for people only.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Writes text as it is, at once.
    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            // A reader that has gone away ends the output, not the command's work.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Text from elsewhere on one line and without control characters, so that an event can
    /// neither move the cursor nor forge lines.
    static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            // Marks that reverse the direction of writing can make a line read as another.
            let isBidirectional =
                (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            scalars.append(isControl || isBidirectional ? " " : scalar)
        }
        return String(scalars)
    }
}
