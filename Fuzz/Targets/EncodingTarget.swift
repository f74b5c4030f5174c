import Signatures

private let textScheme = Scheme.bearer
private let whsecScheme = Scheme.preset(named: "svix") ?? .bearer

/// The input as bytes to encode, as text to decode and as the text of a secret.
let fuzzEncoding: FuzzTarget = { input in
    for encoding in Encoding.allCases {
        check(encoding.decode(encoding.encode(input).utf8) == input, "\(encoding): what was encoded reads differently")
        checkText(input, encoding)
    }
    let text = String(decoding: input, as: UTF8.self)
    let key = try? SecretDecoding.key(text, for: textScheme)
    check(key == (text.isEmpty ? nil : Array(text.utf8)), "a secret that is text is not used as it is")
    let decoded = try? SecretDecoding.key(text, for: whsecScheme)
    check(decoded?.isEmpty != true, "an empty key")
    if !text.hasPrefix("whsec_") {
        check((try? SecretDecoding.key("whsec_" + text, for: whsecScheme)) == decoded, "whsec_ changes the key")
    }
}

/// What can be decoded is the one text of its bytes, but for case or padding.
private func checkText(_ text: [UInt8], _ encoding: Encoding) {
    let loose = encoding.decode(text, trailingBits: .ignored)
    check(encoding.decode(AnyCollection(text), trailingBits: .ignored) == loose, "\(encoding): storage matters")
    guard let bytes = encoding.decode(text) else { return }
    check(loose == bytes, "\(encoding): the loose reading differs")
    let written = Array(encoding.encode(bytes).utf8)
    switch encoding {
    case .hex: check(written == text.map { $0 | 0x20 }, "hex: two texts for the same bytes")
    case .base64, .base64url:
        check(withoutPadding(written) == withoutPadding(text), "\(encoding): two texts for the same bytes")
    }
}

private func withoutPadding(_ text: [UInt8]) -> [UInt8] { text.filter { $0 != UInt8(ascii: "=") } }
