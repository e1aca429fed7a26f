// SPDX-License-Identifier: Apache-2.0

extension Check {
    /// Every check that needs no program of a site's own, in the order of reports.
    public static let builtIn: [Check] = [
        readable, inspectionComplete, guestSystem,
        osRelease, securityUpdates, packageAge,
        emptyPassword, passwordHash, sshRootPassword, authorizedKeys, privateKeys,
        sshHostKeys, machineID, cloudInitState, shellHistory,
        setuid, worldWritable, swap, malware,
    ]
}
