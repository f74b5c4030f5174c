// Whether the time of a refusal tells which check failed (queue.md S8). Every refusal is timed in turn with the others,
// a signature that is wrong in its last byte among them twice: how far those two are apart is what chance makes.
import Measuring
import Signatures
import Vocabulary

let now = WallTime(milliseconds: 1_700_000_000_000)
let secrets = ["first", "second", "third"].map { Array($0.utf8) }
let body = [UInt8](repeating: UInt8(ascii: "x"), count: 403)
/// Of the time of a whole refusal. Over a network, a hundredth of what this allows is out of anybody's sight.
let bound = 0.1

struct Refused {
    let name: String
    let headers: HeaderList
}

/// `signature` is the header's whole right value; `change` returns what stands there instead, nil for no header.
func refusals(_ scheme: Scheme, _ header: String, start: Int, timestamp: String) throws -> [Refused] {
    let right = try Signer.headers(scheme: scheme, secret: secrets[2], body: body, now: now, messageID: "msg_1")
    let value = Array((right.values(named: header).first ?? "").utf8)
    func with(_ name: String, _ value: String?) -> HeaderList {
        HeaderList(
            right.fields.compactMap { field in
                guard isSameHeaderName(field.name, name) else { return field }
                return value.map { (field.name, $0) }
            }
        )
    }
    func changed(_ position: Int, _ character: Character) -> HeaderList {
        var value = value
        let other = UInt8(ascii: value[position] == UInt8(ascii: "1") ? "2" : "1")
        value[position] = character.asciiValue ?? other
        return with(header, String(decoding: value, as: UTF8.self))
    }
    let text = String(decoding: value, as: UTF8.self)
    // Base64's last digit before the padding holds bits that must be zero; four before the end is a plain one.
    let last = changed(value.count - 4, "é")
    let late = try Signer.headers(
        scheme: scheme,
        secret: secrets[2],
        body: body,
        now: WallTime(milliseconds: now.milliseconds - 3_600_000),
        messageID: "msg_1"
    )
    return [
        Refused(name: "last byte", headers: last), Refused(name: "last byte again", headers: last),
        Refused(name: "first byte", headers: changed(start, "é")),
        Refused(name: "wrong alphabet", headers: changed(value.count - 4, "!")),
        Refused(name: "too short", headers: with(header, String(text.dropLast(4)))),
        Refused(name: "unknown version", headers: with(header, "x" + text)),
        Refused(name: "empty", headers: with(header, "")), Refused(name: "missing", headers: with(header, nil)),
        Refused(name: "repeated", headers: HeaderList(right.fields + [(header, text)])),
        Refused(name: "too old", headers: late),
        Refused(name: "timestamp malformed", headers: with(timestamp, "1700000000x")),
    ]
}

for (name, header, start, timestamp) in [
    ("slack", "X-Slack-Signature", 3, "X-Slack-Request-Timestamp"),
    ("standard-webhooks", "webhook-signature", 3, "webhook-timestamp"),
] {
    guard let scheme = Scheme.preset(named: name) else { fatalError(name) }
    let verifier = try Verifier(scheme: scheme, secrets: secrets)
    let cases = try refusals(scheme, header, start: start, timestamp: timestamp)
    let costs = measure(
        cases.map { refused in
            Candidate(refused.name) {
                guard case .refused = verifier.verify(headers: refused.headers, body: body, now: now) else {
                    fatalError("\(refused.name) verifies")
                }
            }
        },
        runs: 200,
        rounds: 301
    )
    let base = costs[0].nanoseconds
    var furthest = 0.0
    for cost in costs {
        let distance = (cost.nanoseconds - base) / base
        furthest = max(furthest, abs(distance))
        report(
            "\(name): \(cost.name)",
            ["ns": fixed(cost.nanoseconds, 0), "distance_percent": fixed(distance * 100, 1)]
        )
    }
    require(furthest <= bound, "\(name): every refusal within \(fixed(bound * 100, 0)) % of the others")
}
end()
