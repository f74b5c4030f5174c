import Admin
import Listener
import Signatures
import Synchronization
import Vocabulary

/// Answers the admin address (product.md §4): who may come, and where to.
final class AdminHandler: RequestHandler {
    /// Largest body of a request.
    private static let bodyLimit = 1024 * 1024

    private let api: AdminAPI
    private let stream: StreamHub
    private let guards: Mutex<[Verifier]>
    private let clock: any TimeSource

    /// One of the guards lets in what asks for more than the probes; none where the address itself keeps strangers out.
    init(
        guards: [Verifier],
        clock: any TimeSource,
        api: AdminAPI,
        stream: StreamHub
    ) {
        self.guards = Mutex(guards)
        self.clock = clock
        self.api = api
        self.stream = stream
    }

    /// Other guards from the next request on. Who follows the stream has to come again, and to pass them.
    func setGuards(_ guards: [Verifier]) {
        self.guards.withLock { $0 = guards }
        stream.endAll()
    }

    /// Who shows the token may come in, as `Bearer` or as the password of HTTP Basic.
    static func guards(token: [UInt8]?) throws -> [Verifier] {
        guard let token else { return [] }
        return try [Scheme.bearer, .basic].map { try Verifier(scheme: $0, secrets: [token]) }
    }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        let found = Result { () throws(RouteError) in
            try AdminRoute(method: head.method, segments: head.segments, query: head.query)
        }
        let era = stream.era
        switch found {
        case .success(let route):
            if let refusal = refusal(of: head, route) { return .answer(refusal) }
            if route.isWrite { return .receive(limit: Self.bodyLimit, RouteReceiver(api: api, route: route)) }
            if case .stream = route, head.method == "GET" {
                return follow(after: head.headers.only("last-event-id"), in: era)
            }
            return .answer(api.answer(route))
        case .failure(let error):
            // What exists here is nobody's business who may not come in.
            return .answer(isAllowed(head) ? error.response : unauthorized())
        }
    }

    private func follow(after id: String?, in era: Int) -> Reception {
        guard let stream = stream.open(after: id, in: era, at: clock.now(), api.snapshot()) else {
            return .answer(
                .problem(
                    status: 503,
                    detail: "\(StreamHub.mostClients) follow the stream already, and that is the most.",
                    headers: [("retry-after", "30")]
                )
            )
        }
        return .stream(AdminAPI.streamHead, stream)
    }

    /// Nil for who may come.
    private func refusal(of head: RequestHead, _ route: AdminRoute) -> Response? {
        guard route.isProbe || isAllowed(head) else { return unauthorized() }
        // Health and metrics are read under any name of the machine.
        guard route.isAPI else { return nil }
        // No name leads to a unix socket. A browser may come there, through a proxy that may ask for a login of its own.
        let hasToken = head.peer == .unixSocket || guards.withLock { !$0.isEmpty }
        return OriginRule.refusal(of: head.headers, isWrite: route.isWrite, hasToken: hasToken)
            .map { .problem(status: 403, detail: $0) }
    }

    private func unauthorized() -> Response {
        .problem(
            status: 401,
            detail: "This address needs admin.token, as Bearer or as the password of HTTP Basic.",
            headers: [("www-authenticate", "Basic realm=\"reloader\", charset=\"UTF-8\"")]
        )
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
}

extension RouteError {
    fileprivate var response: Response {
        switch self {
        case .notFound(let detail), .badQuery(let detail): .problem(status: status, detail: detail)
        case .wrongMethod(let allow): .problem(status: status, headers: [("allow", allow)])
        }
    }
}

/// Takes in a request's body for its route.
private final class RouteReceiver: BodyReceiver {
    private let api: AdminAPI
    private let route: AdminRoute
    private var body: [UInt8] = []

    init(api: AdminAPI, route: AdminRoute) {
        self.api = api
        self.route = route
    }

    func received(_ bytes: UnsafeRawBufferPointer) { body.append(contentsOf: bytes) }
    func finished(step: Int) -> Answer? { api.answerInTime(route, body: body) }
    func failed(_ failure: BodyFailure) -> Response { failure.response }
    func abandoned() {}
}
