import Vocabulary

/// Compares a token that a header carries with the secrets. Hashes are compared, not the texts, so that the time shows
/// neither how much of a token was right nor how long a secret is; and no secret is kept.
struct TokenCheck: Sendable {
    private let place: Scheme.TokenPlace
    private let hashes: [[UInt8]]

    init(place: Scheme.TokenPlace, secrets: [[UInt8]]) {
        self.place = place
        hashes = secrets.map(sha256)
    }

    func verdict(_ headers: some HeaderFields) -> Verdict {
        do throws(Refusal) {
            guard let position = position(of: try token(headers)) else { throw .mismatch }
            return .verified(secretPosition: position)
        } catch {
            // The same work as for a token that could be read (queue.md S8).
            if error != .mismatch { _ = position(of: []) }
            return .refused(error)
        }
    }

    private func position(of token: [UInt8]) -> Int? {
        let hash = sha256(token)
        var match: Int?
        for (position, expected) in hashes.enumerated() {
            let isEqual = isSameInConstantTime(hash, expected)
            if isEqual && match == nil { match = position }
        }
        return match
    }

    /// The token that the headers carry.
    private func token(_ headers: some HeaderFields) throws(Refusal) -> [UInt8] {
        let values = headers.values(named: place.header)
        guard values.count < 2 else { throw .repeated }
        guard let value = values.first.map({ trimmed($0.utf8) }), !value.isEmpty else { throw .missing }
        switch place {
        case .bearer:
            return Array(try Self.credentials(value, scheme: "Bearer"))
        case .basic:
            guard let pair = Encoding.base64.decode(try Self.credentials(value, scheme: "Basic")),
                let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { throw .malformed }
            return Array(pair[(colon + 1)...])
        case .header: return Array(value)
        }
    }

    /// What follows the scheme's name, which may be written in any case (RFC 9110 §11.4).
    private static func credentials(
        _ value: Substring.UTF8View,
        scheme: String
    ) throws(Refusal) -> Substring.UTF8View {
        let space = UInt8(ascii: " ")
        guard let end = value.firstIndex(of: space), isSameToken(value[..<end], scheme.utf8) else { throw .malformed }
        return value[end...].drop { $0 == space }
    }
}
