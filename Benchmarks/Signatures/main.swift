// What verifying a delivery costs, from its headers to the verdict, beside OpenSSL's plain one-shot HMAC() over the same
// body with the same key (issue: at 0.4 KiB at most 0.6 of it).
import COpenSSL
import Measuring
import Signatures
import Vocabulary

let key = Array("test-secret-32-bytes-of-randomness".utf8)
let now = WallTime(milliseconds: 1_700_000_000_000)
let bound = 0.6

/// The headers of a delivery as a proxy passes them on; `extra` more are what somebody else's proxy adds.
func headers(_ scheme: Scheme, _ body: [UInt8], extra: Int) throws -> HeaderList {
    var headers: HeaderList = [
        "Host": "hooks.example.com", "User-Agent": "Fivetran/1.0", "Content-Type": "application/json",
        "Content-Length": String(body.count), "Accept": "*/*",
    ]
    for number in 0..<extra { headers.fields.append(("X-Extra-Header-\(number)", "something of little use")) }
    headers.fields += try Signer.headers(scheme: scheme, secret: key, body: body, now: now, messageID: "msg_1").fields
    return headers
}

func oneShot(_ body: [UInt8], _ mac: UnsafeMutableBufferPointer<UInt8>) -> Bool {
    HMAC(EVP_sha256(), key, CInt(key.count), body, body.count, mac.baseAddress, nil) != nil
}

let mac = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Int(EVP_MAX_MD_SIZE))
for name in ["fivetran", "standard-webhooks"] {
    guard let scheme = Scheme.preset(named: name) else { fatalError(name) }
    let verifier = try Verifier(scheme: scheme, secrets: [key])
    for size in [403, 4096, 65536] {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        let few = try headers(scheme, body, extra: 0)
        let many = try headers(scheme, body, extra: 50)
        let costs = measure(
            [
                Candidate("verify") {
                    guard verifier.verify(headers: few, body: body, now: now) == .verified(secretPosition: 0) else {
                        fatalError("refused")
                    }
                },
                Candidate("many headers") {
                    guard verifier.verify(headers: many, body: body, now: now) == .verified(secretPosition: 0) else {
                        fatalError("refused")
                    }
                },
                Candidate("HMAC") { if !oneShot(body, mac) { fatalError("no HMAC") } },
            ],
            runs: size > 10_000 ? 50 : 500
        )
        let ratio = costs[0].nanoseconds / costs[2].nanoseconds
        report(
            "\(name) \(size) B",
            [
                "verify_ns": fixed(costs[0].nanoseconds, 0), "hmac_ns": fixed(costs[2].nanoseconds, 0),
                "ratio": fixed(ratio, 3), "allocations": fixed(costs[0].allocations, 1),
                "hmac_allocations": fixed(costs[2].allocations, 1),
                "allocations_with_50_more_headers": fixed(costs[1].allocations, 1),
            ]
        )
        if name == "fivetran", size == 403 { require(ratio <= bound, "403 B: at most \(bound) of HMAC()") }
        require(costs[1].allocations <= costs[0].allocations, "\(name) \(size) B: no allocation for a header more")
    }
}
end()
