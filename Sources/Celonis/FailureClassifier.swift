import Vocabulary

/// Sorts what went wrong with one call by what must happen next (celonis-api.md, errors and limits).
package struct FailureClassifier: Sendable {
    /// Longer waits than this are not believed: `x-ratelimit-reset` may be a Unix time where seconds were promised.
    static let longestWait: Duration = .seconds(3600)

    private let call: APICall
    private let text: AnswerText

    package init(call: APICall, text: AnswerText) {
        self.call = call
        self.text = text
    }

    /// nil: the call succeeded.
    package func failure(of answer: APIAnswer, now: WallTime) -> LoadFailure? {
        guard !answer.isSuccess else { return failure(ofSuccess: answer) }
        let message = message(for: answer)
        let wait = Self.wait(askedBy: answer.headers, now: now)
        switch answer.status {
        case 408, 421, 423, 425, 429, 500...:
            let isLost = answer.status == 502 || answer.status == 504
            if call.isTrigger, isLost { return .unanswered(message) }
            return .transient(message, retryAfter: wait)
        case 401: return .credentialsRefused(message)
        case 400..<500 where call == .token: return .credentialsRefused(message)
        case 403: return .poolForbidden(message)
        case 409 where call.isTrigger: return .busy(message, retryAfter: wait)
        case 400..<500: return .permanent(message)
        default:
            // A redirect is not followed, since it would carry the credentials elsewhere; to wait for `base_url` to be
            // mended loses nothing.
            return .transient(message, retryAfter: nil)
        }
    }

    /// A 2xx that is not Celonis's. A POST that something else answered may still have reached Celonis (queue.md Q28).
    private func failure(ofSuccess answer: APIAnswer) -> LoadFailure? {
        guard answer.isPage else { return nil }
        switch call {
        case .completeLoad, .partialLoad, .executeDataJob: return .unanswered(pageMessage(for: answer))
        case .token, .tables: return .transient(pageMessage(for: answer), retryAfter: nil)
        // An answer that is not understood: last-load's is judged by the model's `confirm` (queue.md Q29).
        case .lastLoad, .dataJob: return nil
        }
    }

    /// What is said of a web page where an answer of the API was expected.
    func pageMessage(for answer: APIAnswer) -> String {
        let title = text.detail(of: answer.body).map { " (\($0.prefix(200)))" } ?? ""
        return text.clean(
            "\(name) was answered with a web page\(title), which is not Celonis's: "
                + "check base_url, and any proxy or login on the way"
        )
    }

    /// What a call without a usable answer means.
    package func failure(of transport: TransportFailure) -> LoadFailure {
        switch transport {
        case .notSent(let reason):
            return .transient(text.clean("\(name) could not be sent: \(reason)"), retryAfter: nil)
        case .noAnswer(let reason):
            let message = text.clean("\(name) got no answer: \(reason)")
            return call.isTrigger ? .unanswered(message) : .transient(message, retryAfter: nil)
        case .answerTooLarge(let limit):
            return .transient("the answer to \(name) is larger than \(limit >> 20) MiB", retryAfter: nil)
        }
    }

    /// The longer of `x-ratelimit-reset` (seconds) and `Retry-After` (seconds or a date).
    static func wait(askedBy headers: HeaderList, now: WallTime) -> Duration? {
        let reset = headers.values(named: "x-ratelimit-reset").compactMap { Double($0) }
        let retry = headers.values(named: "retry-after").compactMap { value in
            Double(value) ?? WallTime(httpDate: value).map { $0.seconds - now.seconds }
        }
        let waits = (reset + retry).filter { $0 > 0 }.map { Duration.seconds(min($0, longestWait.inSeconds)) }
        return waits.max()
    }

    private var name: String { call.method + " " + call.path }

    private func message(for answer: APIAnswer) -> String {
        var message = "Celonis answered \(answer.status) to \(name)"
        if (300..<400).contains(answer.status) {
            let target = answer.headers.values(named: "location").first ?? "nowhere"
            message += ", a redirect to \(target), which is not followed: check base_url"
        } else if let detail = text.detail(of: answer.body) {
            message += ": " + detail
        }
        return text.clean(message)
    }
}
