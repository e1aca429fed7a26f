// SPDX-License-Identifier: Apache-2.0
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Serves a site over HTTP/1.1. The only file that knows the HTTP library.
struct HTTPAdapter: HTTPResponder {
    typealias Context = BasicRequestContext

    let site: Site
    let logger: Logger

    static let bodyBytesMax = 1 << 20
    /// Room for a form around the document.
    static let formBytesMax = 16 * 1024
    static let connectionsMax = 256
    static let idleTimeMax = TimeAmount.seconds(30)

    /// Runs until the process is asked to stop; running requests are finished then.
    static func serve(_ site: Site, host: String, port: Int, logger: Logger) async throws {
        let application = Application(
            responder: HTTPAdapter(site: site, logger: logger),
            server: .http1(configuration: .init(idleTimeout: idleTimeMax)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(connectionsMax)),
            onServerRunning: { channel in
                let address = channel.localAddress
                logger.notice(
                    "listening",
                    metadata: [
                        "address": "\(address?.ipAddress ?? host)",
                        "port": "\(address?.port ?? port)",
                    ])
            },
            logger: logger)
        try await application.runService()
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        let answer: Answer
        if let call = try await call(from: request) {
            answer = await site.answer(call)
        } else {
            answer = Refusal(
                413, "metadata too large: more than \(Self.bodyBytesMax) bytes",
                headers: ["connection": "close"]
            ).answer(to: Call(method: .post, headers: Self.headers(of: request)))
        }
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue.prefix(16))",
                "path": "\(request.uri.path.prefix(200))", "status": "\(answer.status)",
                "time": "\(start.duration(to: .now))",
            ])
        let response = Self.response(answer)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Nil when the body is too large.
    private func call(from request: Request) async throws -> Call? {
        var call = Call(method: Self.method(request.method), headers: Self.headers(of: request))
        guard let path = Self.path(request.uri.path) else {
            call.method = .get
            call.path = ["not a valid path"]
            return call
        }
        call.path = path
        call.query = FormEncoding.decodeForm(request.uri.query ?? "")
        guard call.method == .post else { return call }
        let max = Self.bodyBytesMax + Self.formBytesMax
        if let announced = call.headers["content-length"].flatMap(Int.init), announced > max {
            return nil
        }
        do {
            call.body = Array(buffer: try await request.body.collect(upTo: max))
        } catch is NIOTooManyBytesError {
            return nil
        }
        return call
    }

    private static func path(_ text: String) -> [String]? {
        var components: [String] = []
        for part in text.split(separator: "/") {
            guard let component = FormEncoding.decodePath(part) else { return nil }
            components.append(component)
        }
        return components
    }

    private static func method(_ method: HTTPRequest.Method) -> Call.Method {
        switch method {
        case .get, .head: .get
        case .post: .post
        default: .other(method.rawValue)
        }
    }

    private static func headers(of request: Request) -> [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers where headers[field.name.canonicalName] == nil {
            headers[field.name.canonicalName] = field.value
        }
        headers["host"] = request.head.authority ?? headers["host"]
        return headers
    }

    private static func response(_ answer: Answer) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        fields[.xContentTypeOptions] = "nosniff"
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            return Response(status: status, headers: fields, body: body)
        case .pieces(let produce):
            let body = ResponseBody { writer in
                try await produce { try await writer.write(ByteBuffer(string: $0)) }
                try await writer.finish(nil)
            }
            return Response(status: status, headers: fields, body: body)
        }
    }
}
