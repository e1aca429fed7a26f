// SPDX-License-Identifier: Apache-2.0

extension Check {
    static let sshRootPassword = Check(
        "ssh-root-password", .high, "The SSH daemon lets root log in with a password",
        documentation: Documentation(
            finds: """
                An OpenSSH daemon that takes passwords (PasswordAuthentication, or \
                KbdInteractiveAuthentication with PAM) for root (PermitRootLogin yes), for some \
                client at least: Include files and Match blocks count, the first value wins, and \
                unset options have their defaults, `yes` for root in very old packages. Match \
                conditions other than User and All are taken to hold. AllowUsers and the like are \
                not looked at.
                """,
            matters: """
                Everybody on the Internet can try passwords of the one account whose name is \
                known. Whether it has one today, the next administrator may change.
                """,
            mend: """
                `PermitRootLogin prohibit-password` before anything else sets it, such as in \
                /etc/ssh/sshd_config.d/00-root.conf, and check with `sshd -T`.
                """,
            waive: "When the image is for networks that nobody else reaches."),
        needs: SSHDaemon.needs
    ) { guest, _ in
        guard let daemon = SSHDaemon(guest) else {
            return .notApplicable(reason: "there is no OpenSSH daemon")
        }
        let finding = Finding("root may log in with a password", path: "/etc/ssh/sshd_config")
        return CheckResult(daemon.findings + (daemon.permitsRootPassword ? [finding] : []))
    }
}
