// SPDX-License-Identifier: Apache-2.0
public import AMQP

extension ConnectionSettings {
    /// Where Debian and its kin keep the authorities that everyone trusts.
    static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// What the AMQP kit connects with.
    ///
    /// - Parameter name: shown by the broker's tools as the connection's name.
    public func configuration(name: String) -> ConnectionConfiguration {
        let tls: TLSConfiguration? =
            usesTLS
            ? TLSConfiguration(
                authorityFile: caFile ?? Self.systemAuthorities, certificateFile: certificateFile,
                keyFile: keyFile) : nil
        let credentials: Credentials =
            if let user {
                .plain(user: user, password: password ?? (user == "guest" ? "guest" : ""))
            } else {
                .external
            }
        var configuration = ConnectionConfiguration(
            host: host, port: port, vhost: vhost, credentials: credentials, tls: tls, name: name)
        configuration.heartbeat = heartbeat
        return configuration
    }
}
