import COpenSSL
import Signatures
import Vocabulary

/// Every preset, and custom forms that differ from them in hash, encoding and where the signed headers stand.
private let schemes: [Scheme] = {
    do {
        return try Scheme.presetNames.compactMap(Scheme.preset(named:)) + [
            .custom(header: "X-Sig", algorithm: .sha1, encoding: .hex, prefix: "sha1="),
            .custom(header: "X-Sig", algorithm: .sha384, encoding: .base64),
            .custom(
                header: "X-Sig",
                algorithm: .sha512,
                encoding: .base64url,
                prefix: "v=",
                signed: "a{body}{header:X-Id}"
            ),
            .custom(
                header: "X-Sig",
                algorithm: .sha256,
                encoding: .base64url,
                signed: "{body}.{header:X-Time}.",
                timestamp: (header: "X-Time", tolerance: .seconds(60))
            ),
        ]
    } catch {
        fatalError("\(error)")
    }
}()

private let secret = Array("fuzz".utf8)
private let body = Array("{}".utf8)
private let otherBody = Array("{ }".utf8)
private let now = WallTime(milliseconds: 1_700_000_000_000)
private let verifiers = schemes.map { verifier($0, secret) }
private let strangers = schemes.map { verifier($0, Array("other".utf8)) }

private func verifier(_ scheme: Scheme, _ secret: [UInt8]) -> Verifier {
    do { return try Verifier(scheme: scheme, secrets: [secret]) } catch { fatalError("\(error)") }
}

/// The first byte selects the scheme. The lines behind it go to the scheme's headers in turn, so that a second round
/// repeats them; an empty line leaves one out.
let fuzzSignature: FuzzTarget = { input in
    guard let first = input.first else { return }
    let index = Int(first) % schemes.count
    guard case .signature(let form) = schemes[index].proof else { return }
    let names = names(form)
    var headers = HeaderList()
    for (position, value) in lines(input.dropFirst()).prefix(2 * names.count).enumerated() where !value.isEmpty {
        headers.fields.append((names[position % names.count], value))
    }
    let verdict = verifiers[index].verify(headers: headers, body: body, now: now)
    var portions = verifiers[index].begin(headers, now: now)
    for byte in body { withUnsafeBytes(of: byte) { portions.update($0) } }
    check(portions.finish() == verdict, "the verdict depends on the portions of the body")
    check(
        verifiers[index].verify(headers: padded(headers), body: body, now: now) == verdict,
        "the verdict depends on white space around values"
    )
    guard case .verified = verdict else { return }
    check(verdict == .verified(secretPosition: 0), "the position of the only secret is 0")
    check(carriesRightSignature(headers, form), "verified without the right signature: \(headers.fields)")
    for refused in [
        verifiers[index].verify(headers: headers, body: otherBody, now: now),
        strangers[index].verify(headers: headers, body: body, now: now),
    ] {
        check(refused == .refused(.mismatch), "another body or secret: \(refused)")
    }
}

/// The headers that a form reads, those with the signature first.
private func names(_ form: SignatureForm) -> [String] {
    var names = form.headers
    if case .header(let timestamps) = form.timestamp { names += timestamps }
    for case .header(let signed) in form.signed { names += signed.filter { !names.contains($0) } }
    return names
}

/// Whether a signature's header holds the text of the HMAC of the signed bytes, made anew with a one-shot `HMAC()`. Where
/// headers have several families of names, the signed bytes are those of one family.
private func carriesRightSignature(_ headers: HeaderList, _ form: SignatureForm) -> Bool {
    form.headers.indices.contains { carriesRightSignature(headers, form, family: $0) }
}

private func carriesRightSignature(_ headers: HeaderList, _ form: SignatureForm, family: Int) -> Bool {
    func value(_ names: [String]) -> String {
        let own = names.count == form.headers.count ? [names[family]] : []
        return (own + names).lazy.flatMap(headers.values(named:)).map(bare).first { !$0.isEmpty } ?? ""
    }
    var timestamp = ""
    switch form.timestamp {
    case .header(let names): timestamp = value(names)
    case .item(let prefix):
        // Bytes, not characters: a comma with a combining mark behind it is another character, and still a comma.
        let items = value(form.headers).utf8.split(separator: UInt8(ascii: ",")).filter { $0.starts(with: prefix.utf8) }
        timestamp = items.first.map { String(decoding: $0.dropFirst(prefix.utf8.count), as: UTF8.self) } ?? ""
    case nil: break
    }
    let signed = form.signed.flatMap { part -> [UInt8] in
        switch part {
        case .text(let text): text
        case .header(let names): Array(value(names).utf8)
        case .timestamp: Array(timestamp.utf8)
        case .body: body
        }
    }
    var mac = [UInt8](repeating: 0, count: form.algorithm.length)
    guard HMAC(digest(form.algorithm), secret, CInt(secret.count), signed, signed.count, &mac, nil) != nil else {
        return false
    }
    var text = form.encoding.encode(mac)
    while text.hasSuffix("=") { text.removeLast() }
    return form.headers.flatMap(headers.values(named:)).contains {
        Array((form.encoding == .hex ? $0.lowercased() : $0).utf8).contains(Array(text.utf8))
    }
}

private func digest(_ algorithm: HashAlgorithm) -> OpaquePointer? {
    switch algorithm {
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    }
}
