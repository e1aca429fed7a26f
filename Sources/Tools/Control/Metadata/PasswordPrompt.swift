// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Asks for a secret on the terminal.
enum PasswordPrompt {
    private static let bytesMax = 4096

    /// What is typed up to the end of the line, without showing it; nil when there is no terminal.
    static func ask(_ prompt: String) -> String? {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard unsafe tcgetattr(terminal, &settings) == 0 else { return nil }
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else { return nil }
        // Only now: what is typed before would be shown, and then thrown away.
        Terminal.write(prompt, to: terminal)
        defer {
            unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
            Terminal.write("\n", to: terminal)
        }
        return line(terminal)
    }

    private static func line(_ terminal: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < bytesMax {
            let count = unsafe read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
