// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ
internal import Glibc

extension Connection {
    /// Connects, makes TLS, logs in and opens the channel: within about three timeouts.
    static func open(
        _ configuration: ConnectionConfiguration, confirms: Bool = false
    ) throws(AMQPError) -> Connection {
        try configuration.validate()
        _ = libraryReady
        guard let state = amqp_new_connection() else {
            throw failure(AMQP_STATUS_NO_MEMORY.rawValue, "connect")
        }
        do {
            try connectSocket(state, configuration)
            try logIn(state, configuration)
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
        let connection = Connection(loggedIn: state, isTLS: configuration.tls != nil)
        try connection.openChannel(confirms: confirms)
        return connection
    }

    /// OpenSSL initialises itself; a second initialisation by librabbitmq crashes programs that
    /// use it elsewhere (rabbitmq-c issue 737).
    private static let libraryReady: Void = {
        amqp_set_initialize_ssl_library(0)
    }()

    private static func connectSocket(
        _ state: amqp_connection_state_t, _ configuration: ConnectionConfiguration
    ) throws(AMQPError) {
        let socket = try newSocket(state, configuration.tls)
        var timeout = timeval(configuration.timeout)
        amqp_set_handshake_timeout(state, &timeout)
        amqp_set_rpc_timeout(state, &timeout)
        let status = amqp_socket_open_noblock(
            socket, configuration.host, Int32(configuration.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, "connect") }
    }

    private static func newSocket(
        _ state: amqp_connection_state_t, _ tls: TLSConfiguration?
    ) throws(AMQPError) -> OpaquePointer? {
        guard let tls else { return amqp_tcp_socket_new(state) }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw failure(AMQP_STATUS_SSL_ERROR.rawValue, "initialise TLS")
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, tls.verifiesHostname ? 1 : 0)
        try requireTLS(
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS versions")
        try requireTLS(
            amqp_ssl_socket_set_cacert(socket, tls.authorityFile),
            "read authority file '\(tls.authorityFile)'")
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            try requireTLS(
                amqp_ssl_socket_set_key(socket, certificate, key),
                "read certificate '\(certificate)' and key '\(key)'")
        }
        return socket
    }

    private static func requireTLS(_ status: Int32, _ operation: String) throws(AMQPError) {
        guard status == AMQP_STATUS_OK.rawValue else {
            throw .tlsFailed(LibraryFailure(code: status, operation: operation))
        }
    }

    private static func logIn(
        _ state: amqp_connection_state_t, _ configuration: ConnectionConfiguration
    ) throws(AMQPError) {
        let arena = Arena()
        var properties = arena.table(clientProperties(configuration))
        let (vhost, heartbeat) = (configuration.vhost, configuration.heartbeatSeconds)
        let frameMax = Int32(ConnectionConfiguration.frameBytesMax)
        let reply: amqp_rpc_reply_t
        switch configuration.credentials {
        case .plain(let user, let password):
            reply = crabbitmq_login_plain(
                state, vhost, frameMax, heartbeat, &properties, user, password)
        case .external:
            // The broker takes the name from the certificate, but librabbitmq 0.11 fails on an
            // empty identity ("could not allocate memory").
            reply = crabbitmq_login_external(
                state, vhost, frameMax, heartbeat, &properties, "certificate")
        }
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw loginError(reply) }
    }

    /// librabbitmq announces neither `consumer_cancel_notify` nor `connection.blocked` by itself.
    private static func clientProperties(
        _ configuration: ConnectionConfiguration
    ) -> [String: FieldValue] {
        [
            "connection_name": .string(configuration.name),
            "capabilities": .table([
                "consumer_cancel_notify": true, "connection.blocked": true,
                "authentication_failure_close": true, "basic.nack": true,
                "publisher_confirms": true, "exchange_exchange_bindings": true,
            ]),
        ]
    }

    private static func loginError(_ reply: amqp_rpc_reply_t) -> AMQPError {
        switch AMQPError(reply: reply, "login") {
        case .connectionClosed(let exception) where !exception.isTransient:
            .loginRefused(exception)
        case .connectionFailed(let failure): self.failure(failure.code, "login")
        case let other: other
        }
    }

    private static func failure(_ code: Int32, _ operation: String) -> AMQPError {
        let failure = LibraryFailure(code: code, operation: operation)
        // AMQP_STATUS_SSL_ERROR (-0x200) and its kin down to -0x2ff.
        return (-0x2ff ... -0x200).contains(code) ? .tlsFailed(failure) : .connectionFailed(failure)
    }
}

extension ConnectionConfiguration {
    /// C strings end at a zero byte; a password cut short there would be a riddle.
    func validate() throws(AMQPError) {
        var fields = [("host", host), ("vhost", vhost)]
        if case .plain(let user, let password) = credentials {
            fields += [("user", user), ("password", password)]
        }
        for (name, value) in fields {
            if value.utf8.contains(0) { throw .invalid("\(name): contains a zero byte") }
            try Publication.checkShort(value, name)
        }
        guard (1...65535).contains(port) else { throw .invalid("port: not from 1 to 65535") }
        guard (tls?.certificateFile == nil) == (tls?.keyFile == nil) else {
            throw .invalid("TLS: certificate and key are needed together")
        }
        if credentials == .external, tls?.certificateFile == nil {
            throw .invalid("credentials: external needs a client certificate")
        }
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
