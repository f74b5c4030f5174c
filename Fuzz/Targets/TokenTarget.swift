import Signatures
import Vocabulary

private let secret = "s3cret"
private let now = WallTime(milliseconds: 1_700_000_000_000)
private let verifiers: [Verifier] = {
    do {
        return try [.bearer, .basic, .headerToken("X-Token")].map {
            try Verifier(scheme: $0, secrets: [Array("older".utf8), Array(secret.utf8)])
        }
    } catch {
        fatalError("\(error)")
    }
}()

/// The first byte selects the scheme, the lines behind it are the values of its header.
let fuzzToken: FuzzTarget = { input in
    guard let first = input.first else { return }
    let verifier = verifiers[Int(first) % verifiers.count]
    guard case .token(let place) = verifier.scheme.proof else { return }
    let name = if case .header(let name) = place { name } else { "authorization" }
    let headers = HeaderList(lines(input.dropFirst()).filter { !$0.isEmpty }.map { (name, $0) })
    let verdict = verifier.verify(headers: headers, body: [], now: now)
    check(
        verifier.verify(headers: padded(headers), body: [], now: now) == verdict,
        "the verdict depends on white space around values"
    )
    guard case .verified(let position) = verdict else { return }
    check(headers.fields.count == 1, "a repeated token was taken")
    let text = bare(headers.fields[0].value)
    let token = position == 0 ? "older" : secret
    let isRight =
        switch place {
        case .header: text == token
        case .bearer: text.lowercased().hasPrefix("bearer ") && text.hasSuffix(" " + token)
        case .basic: text.lowercased().hasPrefix("basic ") && isPassword(token, in: text)
        }
    check(isRight, "verified without the token: \(text)")
}

/// Whether the last word of `text` is base64 of a user's name, a colon and `token`.
private func isPassword(_ token: String, in text: String) -> Bool {
    guard let pair = Encoding.base64.decode(Array((text.split(separator: " ").last ?? "").utf8)) else { return false }
    let end = Array((":" + token).utf8)
    return pair.suffix(end.count) == end[...] && !pair.dropLast(end.count).contains(UInt8(ascii: ":"))
}
