// SPDX-License-Identifier: Apache-2.0
internal import ImageScan
internal import Pipeline

extension Inspection {
    /// As the settings say.
    ///
    /// - Throws: `ConfigurationError` when the chosen inspector lacks a setting.
    init(_ values: SettingValues) throws(ConfigurationError) {
        let timeMax = try values.duration("scanner.time-max")
        self.init(
            backend: try Self.backend(values),
            limits: Limits(
                timeMax: timeMax, cpuTimeMax: timeMax,
                memoryBytesMax: try values.bytes("scanner.memory-max")),
            clamd: values.string("scanner.clamd-socket"))
    }

    private static func backend(_ values: SettingValues) throws(ConfigurationError) -> Backend {
        guard values.string("scanner.inspector") == "libguestfs" else {
            return .dissect(python: try values.require("scanner.python"))
        }
        guard let appliance = values.string("scanner.appliance") else {
            throw values.problem(
                "scanner.appliance",
                "is needed with scanner.inspector: libguestfs; make one with"
                    + " libguestfs-make-fixed-appliance DIR")
        }
        return .libguestfs(appliance: appliance, usesKVM: values.flag("scanner.kvm"))
    }

    /// Tries the inspector, and says what to install when it does not work.
    func requireUsable(_ values: SettingValues) async throws(ConfigurationError) {
        do throws(InspectionError) {
            _ = try await version()
        } catch {
            switch backend {
            case .dissect:
                throw values.problem(
                    "scanner.python",
                    "\(error); install it with ops/dissect DIR (and bubblewrap with apt) and name"
                        + " DIR/bin/python here")
            case .libguestfs:
                throw values.problem(
                    "scanner.appliance",
                    "\(error); install python3-guestfs and bubblewrap with apt, and make an"
                        + " appliance with libguestfs-make-fixed-appliance DIR")
            }
        }
    }
}
