import FoundationEssentials
import Vocabulary

extension SimulatorState {
    /// `POST /oauth2/token`.
    mutating func token(_ request: SimulatorRequest, at now: Now) -> SimulatorReply {
        let credentials = configuration.credentials
        let form = request.form
        let basic = Self.basicCredentials(request)
        let named: Bool
        switch credentials.clientAuthentication {
        case .basic: named = isClient(basic)
        case .form: named = isClient(form["client_id"], form["client_secret"])
        case .either: named = isClient(basic) || isClient(form["client_id"], form["client_secret"])
        }
        guard named else {
            violate(.badCredentials, "token request", at: now)
            return .json(401, .object([("error", .string("invalid_client"))]))
        }
        guard form["grant_type"] == "client_credentials", form["scope"] == "integration.data-pools" else {
            return .json(400, .object([("error", .string("invalid_scope"))]))
        }
        let token = "token-\(nextNumber())"
        tokens[token] = now.monotonic + credentials.tokenLifetime
        let fields: [(String, SimulatorJSON)] = [("access_token", .string(token)), ("token_type", .string("Bearer"))]
        return .json(200, .object(fields + lifetime))
    }

    /// 401 or 403 when the caller may not enter the pool. An ended token is no violation: the client cannot know.
    mutating func refusal(of request: SimulatorRequest, pool: String, at now: Now) -> SimulatorReply? {
        let header = request.headers.values(named: "authorization").first ?? ""
        let credentials = configuration.credentials
        if header == "AppKey " + credentials.applicationKey || header == "Bearer " + credentials.apiKey {
            return forbidden(pool)
        }
        guard header.hasPrefix("Bearer "), let end = tokens[String(header.dropFirst("Bearer ".count))] else {
            violate(.badCredentials, "\(request.method) \(request.target)", at: now)
            return .text(401)
        }
        return now.monotonic < end ? forbidden(pool) : .text(401)
    }

    private var lifetime: [(String, SimulatorJSON)] {
        let seconds = configuration.credentials.tokenLifetime.nanoseconds / 1_000_000_000
        return switch behaviour.lifetime {
        case .number: [("expires_in", .number(seconds))]
        case .text: [("expires_in", .string("\(seconds)"))]
        case .untold: []
        }
    }

    private func forbidden(_ pool: String) -> SimulatorReply? {
        guard configuration.credentials.forbiddenPools.contains(pool) else { return nil }
        return .json(
            403,
            .object([
                ("frontendErrorKey", .string("error.permission")),
                ("errorInformation", .string("No EDIT permission on data pool")),
            ])
        )
    }

    private func isClient(_ pair: (id: String, secret: String)?) -> Bool {
        isClient(pair?.id, pair?.secret)
    }

    private func isClient(_ id: String?, _ secret: String?) -> Bool {
        id == configuration.credentials.clientID && secret == configuration.credentials.clientSecret
    }

    /// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    private static func basicCredentials(_ request: SimulatorRequest) -> (id: String, secret: String)? {
        guard let header = request.headers.values(named: "authorization").first, header.hasPrefix("Basic "),
            let data = Data(base64Encoded: String(header.dropFirst("Basic ".count)))
        else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (PercentEncoding.decode(parts[0]), PercentEncoding.decode(parts[1]))
    }
}
