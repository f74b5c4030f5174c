import Logging
import Synchronization
import Vocabulary

/// Makes single calls with the right credentials, logs each, and sorts what went wrong.
struct APICaller: Sendable {
    /// How a call ended.
    enum Outcome: Sendable {
        case answered(APIAnswer)
        /// The status is nil when no answer came.
        case failed(LoadFailure, status: Int?)
    }

    private let credentials: Credentials
    private let transport: Transport
    private let tokens: TokenSource
    private let secrets: [String]
    private let clock: any TimeSource
    private let serverClock: SharedServerClock
    private var logger: Logger

    init(_ configuration: ClientConfiguration, clock: any TimeSource, logger: Logger) throws(CAFileError) {
        let transport = try Transport(configuration)
        let credentials = configuration.credentials
        let proxySecret = configuration.proxy?.password?.reveal()
        let secrets = credentials.secretTexts + [proxySecret].compactMap { $0 }
        self.credentials = credentials
        self.transport = transport
        self.secrets = secrets
        let serverClock = SharedServerClock()
        self.clock = clock
        self.serverClock = serverClock
        self.logger = logger
        tokens = TokenSource(clock: clock) {
            let request = credentials.tokenRequest
            let exchange = Exchange(transport: transport, clock: clock, serverClock: serverClock, logger: logger)
            let outcome = await exchange.make(
                .token,
                authorization: request.authorization,
                form: request.form,
                attempt: 1,
                text: AnswerText(redactor: Redactor(secrets))
            )
            switch outcome {
            case .failed(let failure, _): return .failure(failure)
            case .answered(let answer):
                guard let grant = TokenGrant(body: answer.body) else {
                    return .failure(.transient("the answer to the token request holds no token", retryAfter: nil))
                }
                return .success(grant)
            }
        }
    }

    /// The same caller with another logger.
    func logging(to logger: Logger) -> Self {
        var copy = self
        copy.logger = logger
        return copy
    }

    /// The earliest that Celonis's clock can have shown then; nil while no answer has said.
    func serverTime(at time: MonotonicTime) -> WallTime? { serverClock.value.withLock { $0.earliest(at: time) } }

    func shutdown() async { await transport.shutdown() }

    func call(_ call: APICall) async -> Outcome {
        if let authorization = credentials.fixedAuthorization {
            return await make(call, authorization: authorization, attempt: 1)
        }
        do throws(LoadFailure) {
            let token = try await tokens.token()
            let outcome = await make(call, authorization: "Bearer " + token, attempt: 1)
            guard case .failed(_, status: 401) = outcome else { return outcome }
            // The token may have been revoked before its end: once more with a new one.
            let renewed = try await tokens.token(otherThan: token)
            return await make(call, authorization: "Bearer " + renewed, attempt: 2)
        } catch {
            return .failed(error, status: nil)
        }
    }

    /// What last-load shows now. 404 means that the model was never loaded; a refusal of the call itself, such as 405,
    /// is an answer that is not understood (queue.md Q29).
    func lastLoad(of model: ModelReference) async -> LastLoadAnswer {
        switch await call(.lastLoad(model)) {
        case .answered(let answer) where answer.isPage:
            .notUnderstood(
                FailureClassifier(call: .lastLoad(model), text: text).pageMessage(for: answer),
                nil
            )
        case .answered(let answer): LastLoadAnswer(status: answer.status, body: answer.body, text: text)
        case .failed(_, status: 404): .neverLoaded
        case .failed(.permanent(let text), _): .notUnderstood(text, nil)
        case .failed(let failure, _): .failed(failure)
        }
    }

    /// What the data job's latest run shows now.
    func dataJob(_ job: DataJob, of model: ModelReference) async -> DataJobAnswer {
        switch await call(.dataJob(model, job)) {
        case .answered(let answer) where answer.isPage:
            .notUnderstood(FailureClassifier(call: .dataJob(model, job), text: text).pageMessage(for: answer))
        case .answered(let answer): DataJobAnswer(body: answer.body, text: text)
        case .failed(let failure, _): .failed(failure)
        }
    }

    func tables(of model: ModelReference) async -> Result<TableList, LoadFailure> {
        switch await call(.tables(model)) {
        case .failed(let failure, _): return .failure(failure)
        case .answered(let answer):
            guard let list = TableList(body: answer.body) else {
                return .failure(.transient("the table list of the model was not understood", retryAfter: nil))
            }
            return .success(list)
        }
    }

    private var text: AnswerText { AnswerText(redactor: Redactor(secrets + tokens.known)) }

    private func make(_ call: APICall, authorization: String, attempt: Int) async -> Outcome {
        await Exchange(transport: transport, clock: clock, serverClock: serverClock, logger: logger)
            .make(call, authorization: authorization, form: nil, attempt: attempt, text: text)
    }
}

/// One for all calls of a client.
private final class SharedServerClock: Sendable {
    let value = Mutex(ServerClock())
}

/// One request and its answer: one debug line.
private struct Exchange {
    let transport: Transport
    let clock: any TimeSource
    let serverClock: SharedServerClock
    let logger: Logger

    func make(
        _ call: APICall,
        authorization: String?,
        form: String?,
        attempt: Int,
        text: AnswerText
    ) async -> APICaller.Outcome {
        let start = clock.now().monotonic
        let classifier = FailureClassifier(call: call, text: text)
        let outcome: APICaller.Outcome
        let status: String
        do throws(TransportFailure) {
            let answer = try await transport.send(call, authorization: authorization, form: form)
            status = String(answer.status)
            let end = clock.now()
            if let date = answer.headers.values(named: "date").first.flatMap({ WallTime(httpDate: $0) }) {
                serverClock.value.withLock { $0.learn(date: date, sentAt: start, receivedAt: end.monotonic) }
            }
            let failure = classifier.failure(of: answer, now: end.wall)
            outcome = failure.map { .failed($0, status: answer.status) } ?? .answered(answer)
        } catch {
            status = "none"
            outcome = .failed(classifier.failure(of: error), status: nil)
        }
        logger.debug(
            "Celonis call",
            metadata: [
                "celonis.method": "\(call.method)",
                "celonis.path": "\(call.path)",
                "celonis.status": "\(status)",
                "celonis.duration": "\((clock.now().monotonic - start).inSeconds)",
                "celonis.attempt": "\(attempt)",
            ]
        )
        return outcome
    }
}
