import FoundationEssentials
import Synchronization
import Vocabulary

/// What the token endpoint grants (RFC 6749 §5.1).
struct TokenGrant: Decodable {
    var accessToken: String
    /// Five minutes where Celonis does not say.
    var lifetime: Duration

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case expiresIn = "expires_in"
    }

    init?(body: [UInt8]) {
        guard let grant = try? JSONDecoder().decode(Self.self, from: Data(body)) else { return nil }
        self = grant
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        accessToken = try fields.decode(String.self, forKey: .accessToken)
        let seconds = try fields.decodeIfPresent(LooseText.self, forKey: .expiresIn)?.text.flatMap { Double($0) }
        // "NaN" is a number too, and no time.
        lifetime = .seconds(min(max(seconds.flatMap { $0.isNaN ? nil : $0 } ?? 300, 1), 86_400))
    }
}

/// A token in use.
struct Token: Hashable, Sendable {
    var text: String
    /// Before its end: a fifth of its life, at most a minute.
    var renewAt: MonotonicTime

    init(_ grant: TokenGrant, askedAt: MonotonicTime) {
        text = grant.accessToken
        renewAt = askedAt + (grant.lifetime - min(grant.lifetime / 5, .seconds(60)))
    }
}

/// Holds the current token; renews it before its end, and once after a 401, one renewal at a time.
final class TokenSource: Sendable {
    typealias Answer = Result<TokenGrant, LoadFailure>

    private let clock: any TimeSource
    private let fetch: @Sendable () async -> Answer
    /// The current token, and the one before, which Celonis may still quote.
    private let tokens = Mutex<(current: Token?, previous: Token?)>((nil, nil))
    private let flights = SharedFlight<APICall, Result<Token, LoadFailure>>()

    init(clock: any TimeSource, fetch: @escaping @Sendable () async -> Answer) {
        self.clock = clock
        self.fetch = fetch
    }

    /// Every token that a text may quote.
    var known: [String] {
        tokens.withLock { tokens in [tokens.current, tokens.previous].compactMap { $0?.text } }
    }

    /// A token that has not ended and is not the one that was `refused`.
    func token(otherThan refused: String? = nil) async throws(LoadFailure) -> String {
        let now = clock.now().monotonic
        if let current = tokens.withLock({ $0.current }), current.text != refused, now < current.renewAt {
            return current.text
        }
        let answer = await flights.value(for: .token) { [fetch, self] in
            await fetch().map { grant in
                let token = Token(grant, askedAt: now)
                tokens.withLock { $0 = (token, $0.current) }
                return token
            }
        }
        return try answer.get().text
    }
}

/// The `Authorization` value for each kind of credentials, and the request for a token (RFC 6749 §4.4).
extension Credentials {
    /// nil: a token is needed.
    var fixedAuthorization: String? {
        switch self {
        case .oauthClient: nil
        case .applicationKey(let key): "AppKey " + key.reveal()
        case .apiKey(let key): "Bearer " + key.reveal()
        }
    }

    /// The form fields and, for HTTP Basic, the `Authorization` of a token request.
    var tokenRequest: (authorization: String?, form: String) {
        let form = "grant_type=client_credentials&scope=integration.data-pools"
        guard case .oauthClient(let id, let secret, let authentication) = self else { return (nil, form) }
        let (user, password) = (PercentEncoding.encode(id), PercentEncoding.encode(secret.reveal()))
        switch authentication {
        case .basic: return ("Basic " + Data("\(user):\(password)".utf8).base64EncodedString(), form)
        case .form: return (nil, form + "&client_id=\(user)&client_secret=\(password)")
        }
    }

    /// Every form in which the secret part leaves the program.
    var secretTexts: [String] {
        switch self {
        case .applicationKey(let key), .apiKey(let key):
            return [key.reveal()]
        case .oauthClient(_, let secret, _):
            let basic = tokenRequest.authorization.map { String($0.dropFirst("Basic ".count)) }
            return [secret.reveal(), PercentEncoding.encode(secret.reveal())] + [basic].compactMap { $0 }
        }
    }
}
