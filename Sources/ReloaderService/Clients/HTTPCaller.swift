import AsyncHTTPClient
import Celonis
import NIOCore
import NIOSSL
import Vocabulary

/// One HTTP call at a time, for the command line and the demo: to our own addresses, not to Celonis.
package struct HTTPCaller: Sendable {
    /// What came back.
    package struct Answer: Sendable {
        package var status: Int
        package var headers: HeaderList
        package var body: [UInt8]
        package var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// There was nobody who answers.
    package struct NoConnection: Error, CustomStringConvertible {
        package var description: String
    }

    private static let largestAnswer = 16 * 1024 * 1024

    /// A refused connection is an answer for the person who waits: the library's default would try again for as long as
    /// the request may take. A redirection is an answer too: to follow one turns a POST into a GET without its body
    /// (RFC 9110 §15.4.3), and what that is answered says nothing of what was sent.
    private static func client(_ verification: CertificateVerification) -> HTTPClient {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = verification
        configuration.tlsConfiguration = tls
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static let verifying = client(.fullVerification)
    private static let trusting = client(.none)

    private let timeout: Duration
    private let verifiesCertificates: Bool

    /// `timeout` is how long a call may take until its answer has ended. Without `verifiesCertificates` anybody may answer:
    /// only for calls to this machine itself.
    package init(timeout: Duration = .seconds(30), verifiesCertificates: Bool = true) {
        self.timeout = timeout
        self.verifiesCertificates = verifiesCertificates
    }

    package func get(_ url: String, headers: HeaderList = HeaderList()) async throws -> Answer {
        try await call("GET", url, headers: headers, body: nil)
    }

    package func post(_ url: String, headers: HeaderList, body: [UInt8]) async throws -> Answer {
        try await call("POST", url, headers: headers, body: body)
    }

    /// Asks what may be sent there: the abuse protection of CloudEvents.
    package func options(_ url: String, headers: HeaderList) async throws -> Answer {
        try await call("OPTIONS", url, headers: headers, body: nil)
    }

    /// Any method; nil sends no body.
    package func call(
        _ method: String,
        _ url: String,
        headers: HeaderList = HeaderList(),
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        // HTTP/1.1 demands the field; the library sends none where a socket's file is the host.
        if url.hasPrefix("http+unix:") || url.hasPrefix("https+unix:") {
            request.headers.add(name: "host", value: "localhost")
        }
        request.headers.add(name: "user-agent", value: "reloader/\(reloaderVersion)")
        for field in headers.fields { request.headers.add(name: field.name, value: field.value) }
        if let body { request.body = .bytes(body) }
        let response: HTTPClientResponse
        let end = ContinuousClock.now + timeout
        do {
            let client = verifiesCertificates ? Self.verifying : Self.trusting
            response = try await client.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
        } catch {
            throw NoConnection(description: networkErrorText(error))
        }
        let bytes = try await collect(response, until: end)
        return Answer(
            status: Int(response.status.code),
            headers: HeaderList(response.headers.map { ($0.name, $0.value) }),
            body: Array(bytes.readableBytesView)
        )
    }

    /// The library's own timeout ends with the answer's head.
    private func collect(_ response: HTTPClientResponse, until end: ContinuousClock.Instant) async throws -> ByteBuffer
    {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { [timeout] group in
            group.addTask { try await response.body.collect(upTo: Self.largestAnswer) }
            group.addTask {
                try await Task.sleep(until: end)
                return nil
            }
            defer { group.cancelAll() }
            if case let bytes?? = try await group.next() { return bytes }
            throw NoConnection(description: "the answer did not end within \(timeout.inSeconds) s")
        }
    }
}
