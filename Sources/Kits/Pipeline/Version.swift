// SPDX-License-Identifier: Apache-2.0

/// The program's version, the same for every executable.
public enum Version {
    public static let text = "0.1.0"
}
