import Admin
import Listener
import Signatures
import Synchronization
import Vocabulary

/// Answers the admin address (product.md §4): health, its two probes, and metrics.
final class AdminHandler: RequestHandler {
    private let snapshot: @Sendable () -> ServiceSnapshot
    private let isReady: @Sendable () -> Bool
    private let guards: Mutex<[Verifier]>
    private let clock: any TimeSource

    /// One of the guards lets in what asks for more than the probes; none where the address itself keeps strangers out.
    init(
        guards: [Verifier],
        clock: any TimeSource,
        isReady: @escaping @Sendable () -> Bool,
        snapshot: @escaping @Sendable () -> ServiceSnapshot
    ) {
        self.guards = Mutex(guards)
        self.clock = clock
        self.isReady = isReady
        self.snapshot = snapshot
    }

    /// Other guards from the next request on.
    func setGuards(_ guards: [Verifier]) { self.guards.withLock { $0 = guards } }

    /// Who shows the token may come in, as `Bearer` or as the password of HTTP Basic.
    static func guards(token: [UInt8]?) throws -> [Verifier] {
        guard let token else { return [] }
        return try [Scheme.bearer, .basic].map { try Verifier(scheme: $0, secrets: [token]) }
    }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception { .answer(answer(head)) }

    private func answer(_ head: RequestHead) -> Response {
        switch head.path {
        case "/health/live": return get(head) { probeResponse(isWell: true) }
        case "/health/ready": return get(head) { probeResponse(isWell: isReady()) }
        default: break
        }
        guard isAllowed(head) else {
            return .problem(
                status: 401,
                detail: "This address needs admin.token, as Bearer or as the password of HTTP Basic.",
                headers: [("www-authenticate", "Basic realm=\"reloader\", charset=\"UTF-8\"")]
            )
        }
        switch head.path {
        case "/health": return get(head, health)
        case "/metrics": return get(head, metrics)
        default: return .problem(status: 404, detail: "There is nothing at this path.")
        }
    }

    private func isAllowed(_ head: RequestHead) -> Bool {
        let now = clock.now().wall
        let guards = guards.withLock(\.self)
        return guards.isEmpty
            || guards.contains {
                switch $0.verify(headers: head.headers, body: [], now: now) {
                case .verified: true
                case .refused: false
                }
            }
    }

    private func get(_ head: RequestHead, _ answer: () -> Response) -> Response {
        guard head.method == "GET" || head.method == "HEAD" else {
            return .problem(status: 405, headers: [("allow", "GET, HEAD")])
        }
        return answer()
    }

    private func health() -> Response {
        let report = HealthReport(snapshot())
        guard let json = try? report.json() else { return .problem(status: 500, detail: "Health cannot be written.") }
        return Response(
            status: report.status == .failing ? 503 : 200,
            headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            body: json
        )
    }

    private func metrics() -> Response {
        Response(
            status: 200,
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: metricsText(snapshot()).utf8
        )
    }
}
