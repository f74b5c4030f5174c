import Testing
import Vocabulary

@testable import Signatures

@Suite struct RefusalTests {
    @Test("S2: what is no whole signature is refused", arguments: try Delivery.everySignature)
    func badSignature(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        let form = try #require(scheme.form)
        let header = form.headers[0]
        let value = try delivery.value(header)
        let start =
            value.utf8.count - form.encoding.encode([UInt8](repeating: 0, count: form.algorithm.length)).utf8.count
        let prefix = String(value.prefix(start))
        let signature = String(value.dropFirst(start))
        let good = try #require(form.encoding.decode(signature.utf8))
        let bad = [
            "", " ", String(signature.dropLast(2)), signature + "00", String(signature.dropLast(1)), signature + "A",
            form.encoding.encode(good.prefix(16)), form.encoding.encode(good + [0]), " " + signature,
            signature + "\n", "!" + signature.dropFirst(), "-", "0x" + signature, signature + signature,
            String(repeating: "A", count: 10_000),
        ]
        for text in bad where form.encoding.decode(text.utf8) != good {
            let verdict = try delivery.with(header, prefix + text).verdict()
            let isRefused = verdict == .refused(.malformed) || verdict == .refused(.missing)
            // Trimmed as HTTP has it, or cut off by the list's separator, this one is the signature itself.
            let isItself = text == " " + signature && (prefix.isEmpty)
            #expect(isRefused != isItself, "\(text)")
        }
        #expect(try delivery.with(header).verdict() == .refused(.missing))
        #expect(try delivery.with(header, "").verdict() == .refused(.missing))
        #expect(try delivery.with(header, " \t ").verdict() == .refused(.missing))
        #expect(try delivery.with(header, "  \t" + value + " \t").verdict() == .verified(secretPosition: 0))
    }

    @Test("S6: a repeated header is refused, also with the same value twice", arguments: try Delivery.everyScheme)
    func repeated(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        for (name, value) in delivery.headers.fields {
            #expect(try delivery.with(name, value, value).verdict() == .refused(.repeated))
            #expect(try delivery.with(name, "x", value).verdict() == .refused(.repeated))
        }
    }

    @Test("Every header that is signed is needed", arguments: try Delivery.everySignature)
    func missing(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        for (name, _) in delivery.headers.fields {
            let isRefused = [.refused(.missing), .refused(.timestampMissing), .refused(.signedHeaderMissing)]
                .contains(try delivery.with(name).verdict())
            #expect(isRefused, "\(name)")
        }
    }

    @Test("Versions that are not ours are skipped; where nothing remains, that is a refusal")
    func versions() throws {
        let standard = try Delivery.signed("standard-webhooks")
        let value = try standard.value("webhook-signature")
        let mac = String(value.dropFirst(3))
        let name = "webhook-signature"
        #expect(try standard.with(name, "v1a,AAAA v2,x \(value)  v9").verdict() == .verified(secretPosition: 0))
        for bad in ["v1,", "v1", "v1a,\(mac)", "v2,\(mac)", "V1,\(mac)", mac, ",\(mac)", "v1 ,\(mac)", "v1,,\(mac)"] {
            #expect(try standard.with(name, bad).verdict() == .refused(.malformed), "\(bad)")
        }
        let stripe = try Delivery.signed("stripe")
        let parts = try stripe.value("Stripe-Signature").split(separator: ",").map(String.init)
        let digits = String(parts[1].dropFirst(3))
        let good = [
            "\(parts[1]),\(parts[0])", "\(parts[0]),v0=\(digits),\(parts[1])", "\(parts[0]),v1=,\(parts[1]),scheme",
        ]
        for value in good {
            #expect(try stripe.with("Stripe-Signature", value).verdict() == .verified(secretPosition: 0), "\(value)")
        }
        for bad in ["v0=\(digits)", "v1=", "v1", "v2=\(digits)", "V1=\(digits)", digits] {
            let verdict = try stripe.with("Stripe-Signature", "\(parts[0]),\(bad)").verdict()
            #expect(verdict == .refused(.malformed), "\(bad)")
        }
        let twice = "\(parts[0]),\(parts[0]),\(parts[1])"
        #expect(try stripe.with("Stripe-Signature", twice).verdict() == .refused(.repeated))
        #expect(try stripe.with("Stripe-Signature", parts[1]).verdict() == .refused(.timestampMissing))
    }

    @Test("A prefix must be there, as it is", arguments: ["github", "slack"])
    func prefix(_ preset: String) throws {
        let delivery = try Delivery.signed(preset)
        let form = try #require(delivery.scheme.form)
        let digits = try delivery.value(form.headers[0]).dropFirst(form.prefix.count)
        for prefix in ["", form.prefix.uppercased(), "sha1=", "v1=", form.prefix + form.prefix, form.prefix + " "] {
            let verdict = try delivery.with(form.headers[0], prefix + digits).verdict()
            #expect(verdict == .refused(.malformed), "\(prefix)")
        }
    }

    @Test(
        "S4: the timestamp may be as far away as the tolerance, in both directions, and no further",
        arguments: ["standard-webhooks", "stripe", "slack"]
    )
    func tolerance(_ preset: String) throws {
        let delivery = try Delivery.signed(preset)
        for distance in [-300, -299.9, 0, 299.9, 300] {
            #expect(try delivery.at(distance).verdict() == .verified(secretPosition: 0), "\(distance)")
        }
        for distance in [-1e9, -301, -300.001, 300.001, 301, 1e9] {
            #expect(try delivery.at(distance).verdict() == .refused(.timestampOutOfTolerance), "\(distance)")
        }
    }

    @Test("A timestamp is 1 to 15 decimal digits, even when what was written is signed")
    func timestampForm() throws {
        let key = Array("secret".utf8)
        let slack = try #require(Scheme.preset(named: "slack"))
        func verdict(_ timestamp: String) throws -> Verdict {
            let body = Array("{}".utf8)
            let mac = try #require(KeyedMAC(.sha256, key: key)?.mac(of: Array("v0:\(timestamp):{}".utf8)))
            let headers: HeaderList = [
                "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": "v0=" + Encoding.hex.encode(mac),
            ]
            return try Verifier(scheme: slack, secrets: [key])
                .verify(headers: headers, body: body, now: WallTime(milliseconds: 1_700_000_000_000))
        }
        #expect(try verdict("1700000000") == .verified(secretPosition: 0))
        #expect(try verdict("000001700000000") == .verified(secretPosition: 0))
        let bad = [
            "+1700000000", "-1700000000", "1700000000.0", "1.7e9", "0x6553f100", "17 00000000", "1700000000,1700000000",
            "0000001700000000", "99999999999999999999", "\u{661}\u{667}", "1700000000Z", "now",
        ]
        for timestamp in bad {
            #expect(try verdict(timestamp) == .refused(.timestampMalformed), "\(timestamp)")
        }
        #expect(try verdict("") == .refused(.timestampMissing))
        #expect(try verdict("999999999999999") == .refused(.timestampOutOfTolerance))
        #expect(try verdict("0") == .refused(.timestampOutOfTolerance))
    }

    @Test("Either of Shopify's two headers may verify")
    func eitherHeader() throws {
        let delivery = try Delivery.signed("shopify")
        let (old, new) = ("X-Shopify-Hmac-SHA256", "Shopify-Hmac-Sha256")
        let value = try delivery.value(old)
        let wrong = Encoding.base64.encode([UInt8](repeating: 7, count: 32))
        #expect(try delivery.with(old).with(new, value).verdict() == .verified(secretPosition: 0))
        #expect(try delivery.with(new, value).verdict() == .verified(secretPosition: 0))
        #expect(try delivery.with(new, wrong).verdict() == .verified(secretPosition: 0))
        #expect(try delivery.with(old, wrong).with(new, value).verdict() == .verified(secretPosition: 0))
        #expect(try delivery.with(old, wrong).with(new, wrong).verdict() == .refused(.mismatch))
        #expect(try delivery.with(new, value, value).verdict() == .refused(.repeated))
    }

    @Test(
        "Q17: a signed header cannot be hidden behind its other name; one that belongs to no signature spoils nothing"
    )
    func otherName() throws {
        let delivery = try Delivery.signed("svix")
        for (name, value) in [("webhook-id", "msg_2"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,x")] {
            let stray = delivery.with(name, value)
            #expect(try stray.verdict() == .verified(secretPosition: 0), "\(name)")
            for id in ["svix-id", "webhook-id"] {
                #expect(stray.scheme.signedValue(ofHeader: id, in: stray.headers) == "msg_1", "\(name)")
            }
        }
        let other = delivery.with("webhook-signature", "v1,x")
        #expect(try other.with("webhook-id", "msg_2").verdict() == .refused(.repeated))
        #expect(try other.with("webhook-timestamp", "1").verdict() == .refused(.repeated))
        let both = delivery.with("webhook-id", "msg_1")
        #expect(try both.verdict() == .verified(secretPosition: 0))
        #expect(both.scheme.signedValue(ofHeader: "webhook-id", in: delivery.headers) == "msg_1")
    }

    @Test("Tokens are found where HTTP has them, and nowhere else")
    func tokens() throws {
        let bearer = try Delivery.signed(.bearer, secret: Array("tok en".utf8))
        #expect(try bearer.with("authorization", "bearer  tok en").verdict() == .verified(secretPosition: 0))
        for (value, refusal) in [
            ("tok en", Refusal.malformed), ("Bearer", .malformed), ("Bearertok en", .malformed), ("", .missing),
            ("Basic tok en", .malformed), ("Bearer tok", .mismatch), ("Bearer tok en2", .mismatch),
        ] {
            #expect(try bearer.with("Authorization", value).verdict() == .refused(refusal), "\(value)")
        }
        let basic = try Delivery.signed(.basic, secret: Array("pass:word".utf8))
        for user in ["anybody", "", "x"] {
            let value = "Basic " + Encoding.base64.encode("\(user):pass:word".utf8)
            #expect(try basic.with("Authorization", value).verdict() == .verified(secretPosition: 0))
        }
        for (value, refusal) in [
            ("Basic " + Encoding.base64.encode("pass".utf8), Refusal.malformed), ("Basic ????", .malformed),
            ("Basic " + Encoding.base64.encode("pass:".utf8), .mismatch), ("Bearer pass:word", .malformed),
        ] {
            #expect(try basic.with("Authorization", value).verdict() == .refused(refusal), "\(value)")
        }
        #expect(try basic.with("Authorization").verdict() == .refused(.missing))
    }

    @Test(
        "S8: the MAC of prefix and body is computed for a refusal as for a verified delivery",
        arguments: try Delivery.everySignature
    )
    func sameWork(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        let form = try #require(scheme.form)
        let secrets = [delivery.secret, Array("another".utf8)]
        let keyed = try secrets.map { try #require(KeyedMAC(form.algorithm, key: $0)) }
        var broken = delivery.headers.fields.flatMap { field in
            [delivery.with(field.name), delivery.with(field.name, "x"), delivery.with(field.name, "x", "y")]
        }
        broken.append(delivery)
        if form.timestamp != nil { broken.append(delivery.at(3600)) }
        for changed in broken {
            let claim = SignatureClaim(changed.headers, form: SharedForm(form), now: changed.now)
            var running = RunningMACs(duplicating: KeyedMACs(keyed))
            for bytes in [claim.beforeBody, changed.body, claim.afterBody] {
                bytes.withUnsafeBytes { running.update($0) }
            }
            var macs = 0
            let isSound = running.finish { _, mac in
                macs += 1
                #expect(claim.signatures.count >= mac.count && claim.signatures.count.isMultiple(of: mac.count))
            }
            #expect(isSound && macs == secrets.count)
        }
    }
}
