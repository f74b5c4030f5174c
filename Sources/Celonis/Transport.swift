import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Vocabulary

/// Sends one request and reads one answer, bounded in size and time. Redirects are never followed: they would carry
/// the credentials elsewhere. TLS is always verified.
final class Transport: Sendable {
    private let client: HTTPClient
    private let baseURL: String
    private let timeout: Duration
    private let userAgent: String

    /// Throws when `ca_file` cannot be read or holds no certificate.
    init(_ configuration: ClientConfiguration) throws(CAFileError) {
        var base = configuration.baseURL[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        baseURL = String(base)
        timeout = configuration.requestTimeout
        userAgent = "reloader/" + configuration.version

        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = configuration.caFile {
            tls.additionalTrustRoots = [.certificates(try CAFile(path: file).certificates)]
        }
        var settings = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        // A connection that cannot be made is told at once; the queue's back-off tries again.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.timeout.connect = .nanoseconds(configuration.requestTimeout.nanoseconds)
        settings.proxy = configuration.proxy.map { proxy in
            .server(
                host: proxy.host,
                port: proxy.port,
                authorization: proxy.user.map {
                    .basic(username: $0, password: proxy.password?.reveal() ?? "")
                }
            )
        }
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: settings)
    }

    func shutdown() async { try? await client.shutdown() }

    /// `authorization` is the header's value; `form` replaces the call's JSON body.
    func send(_ call: APICall, authorization: String?, form: String? = nil) async throws(TransportFailure) -> APIAnswer
    {
        var request = HTTPClientRequest(url: baseURL + call.path)
        request.method = HTTPMethod(rawValue: call.method)
        request.headers.add(name: "user-agent", value: userAgent)
        request.headers.add(name: "accept", value: "application/json")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        if let form {
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        } else if let body = call.body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return try await withTimeout { [request] in await self.exchange(request, call) }.get()
    }

    private func exchange(_ request: HTTPClientRequest, _ call: APICall) async -> Result<APIAnswer, TransportFailure> {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, deadline: .distantFuture)
        } catch {
            return .failure(Self.failure(error))
        }
        var answer = APIAnswer(
            status: Int(response.status.code),
            headers: HeaderList(response.headers.map { ($0.name, $0.value) })
        )
        // A trigger's 2xx is an answer however its body ends: only its beginning is read, to tell a web page from it.
        let isWhole = answer.isSuccess && !call.isTrigger
        // An error's text is shortened anyway.
        let limit = isWhole ? call.answerLimit : AnswerText.bodyLimit
        do {
            for try await part in response.body {
                answer.body += part.readableBytesView
                if answer.isSuccess, !isWhole, answer.firstByte != nil, !answer.isPage { break }
                guard answer.body.count > limit else { continue }
                if isWhole { return .failure(.answerTooLarge(limit: limit)) }
                break
            }
        } catch {
            if isWhole { return .failure(Self.failure(error)) }
        }
        // A cancelled body ends early without an error.
        if isWhole, Task.isCancelled { return .failure(.noAnswer("stopped")) }
        return .success(answer)
    }

    /// The client library's own timeout ends with the answer's head; this one covers the body too. What came by then
    /// counts where the head alone is an answer.
    private func withTimeout(
        _ exchange: @escaping @Sendable () async -> Result<APIAnswer, TransportFailure>
    ) async -> Result<APIAnswer, TransportFailure> {
        await withTaskGroup(of: Result<APIAnswer, TransportFailure>?.self) { group in
            group.addTask { await exchange() }
            group.addTask { [timeout] in
                try? await Task.sleep(for: timeout)
                return nil
            }
            if case let ended?? = await group.next() {
                group.cancelAll()
                return ended
            }
            let isStopped = Task.isCancelled
            group.cancelAll()
            if case .success(let answer)?? = await group.next() { return .success(answer) }
            return .failure(.noAnswer(isStopped ? "stopped" : "none within \(timeout.text)"))
        }
    }

    /// Only what surely happened before the request was written counts as not sent.
    private static func failure(_ error: any Error) -> TransportFailure {
        switch error {
        case NIOSSLError.handshakeFailed:
            let text = networkErrorText(error)
            let hint = ". If a private CA or a proxy's own has, name that in celonis.ca_file"
            return .notSent(text == unverifiedCertificateText ? text + hint : text)
        case is NIOConnectionError, is NIOSSLExtraError:
            return .notSent(networkErrorText(error))
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            return .notSent("the proxy demands other credentials: see celonis.proxy, or HTTPS_PROXY")
        case let error as HTTPClientError:
            // Not its full description: that of a bad header quotes the header.
            return beforeSending.contains(error)
                ? .notSent(error.shortDescription) : .noAnswer(error.shortDescription)
        case is CancellationError:
            return .noAnswer("stopped")
        default:
            return .noAnswer(networkErrorText(error))
        }
    }

    private static let beforeSending: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
        .invalidProxyResponse, .httpProxyHandshakeTimeout, .invalidURL, .emptyHost, .emptyScheme, .alreadyShutdown,
    ]
}
