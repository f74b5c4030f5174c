import Testing
import Vocabulary

@testable import Signatures

@Suite struct VerifierTests {
    @Test("What is signed as a sender would sign it is verified", arguments: try Delivery.everyScheme)
    func verified(_ scheme: Scheme) throws {
        #expect(try Delivery.signed(scheme).verdict() == .verified(secretPosition: 0))
        guard scheme.form != nil else { return }
        #expect(try Delivery.signed(scheme, body: []).verdict() == .verified(secretPosition: 0))
    }

    @Test("An unsigned source verifies everything, by no secret")
    func unsigned() throws {
        #expect(try Delivery(scheme: .unsigned).verdict(secrets: []) == .verified(secretPosition: nil))
    }

    @Test("S3: any of several secrets may verify, and the verdict names which", arguments: try Delivery.everyScheme)
    func rotation(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        let others = [Array("another".utf8), Array("a third".utf8)]
        #expect(try delivery.verdict(secrets: others + [delivery.secret]) == .verified(secretPosition: 2))
        #expect(
            try delivery.verdict(secrets: [others[0], delivery.secret, delivery.secret])
                == .verified(secretPosition: 1)
        )
        #expect(try delivery.verdict(secrets: others) == .refused(.mismatch))
    }

    @Test("S3: any of several signatures may verify", arguments: ["standard-webhooks", "svix", "stripe"])
    func severalSignatures(_ preset: String) throws {
        let one = try Delivery.signed(preset)
        var other = one
        other.secret = Array("another secret".utf8)
        other.headers = try Signer.headers(
            scheme: one.scheme,
            secret: other.secret,
            body: one.body,
            now: one.now,
            messageID: "msg_1"
        )
        let form = try #require(one.scheme.form)
        let separator = String(try #require(form.separator))
        let added = try other.value(form.headers[0]).split(separator: Character(separator)).last ?? ""
        let both = one.with(form.headers[0], try one.value(form.headers[0]) + separator + added)
        #expect(try both.verdict(secrets: [one.secret]) == .verified(secretPosition: 0))
        #expect(try both.verdict(secrets: [other.secret]) == .verified(secretPosition: 0))
        #expect(try both.verdict(secrets: [Array("a third".utf8)]) == .refused(.mismatch))
    }

    @Test("Any bit flipped in the body, a header or the secret is refused", arguments: try Delivery.everySignature)
    func flippedBits(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        for bit in 0..<delivery.body.count * 8 {
            var flipped = delivery
            flipped.body[bit / 8] ^= 1 << (bit % 8)
            #expect(try flipped.verdict() == .refused(.mismatch), "body, bit \(bit)")
        }
        for bit in 0..<delivery.secret.count * 8 {
            var secret = delivery.secret
            secret[bit / 8] ^= 1 << (bit % 8)
            #expect(try delivery.verdict(secrets: [secret]) == .refused(.mismatch), "secret, bit \(bit)")
        }
        let isHex = scheme.form?.encoding == .hex
        for (index, field) in delivery.headers.fields.enumerated() {
            for bit in 0..<field.value.utf8.count * 8 {
                var bytes = Array(field.value.utf8)
                bytes[bit / 8] ^= 1 << (bit % 8)
                // A hex digit of the other case is the same digit.
                let isSameDigit = bit % 8 == 5 && Encoding.hex.decode([bytes[bit / 8], UInt8(ascii: "0")]) != nil
                if isHex && isSameDigit && isSameHeaderName(field.name, scheme.form?.headers[0] ?? "") { continue }
                guard let text = String(validating: bytes, as: UTF8.self) else { continue }
                var flipped = delivery
                flipped.headers.fields[index].value = text
                let verdict = try flipped.verdict()
                #expect(verdict != .verified(secretPosition: 0), "\(field.name), bit \(bit): \(text)")
            }
        }
    }

    @Test("A token with any bit flipped is refused", arguments: [Scheme.bearer, .basic, try .headerToken("X-Api-Key")])
    func flippedToken(_ scheme: Scheme) throws {
        let delivery = try Delivery.signed(scheme)
        for bit in 0..<delivery.secret.count * 8 {
            var secret = delivery.secret
            secret[bit / 8] ^= 1 << (bit % 8)
            #expect(try delivery.verdict(secrets: [secret]) == .refused(.mismatch))
        }
        for secret in [Array(delivery.secret.dropLast()), delivery.secret + [0]] {
            #expect(try delivery.verdict(secrets: [secret]) == .refused(.mismatch))
        }
    }

    @Test("S1: however the body is cut, the verdict is the same", arguments: UInt64(0)..<50)
    func chunks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scheme = try #require(try Delivery.everySignature.randomElement(using: &random))
        let delivery = try Delivery.signed(scheme, body: random.bytes(0...5000))
        let verifier = try Verifier(scheme: scheme, secrets: [delivery.secret])
        var verification = verifier.begin(delivery.headers, now: delivery.now)
        var rest = delivery.body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 0...700, using: &random))
            Array(chunk).withUnsafeBytes { verification.update($0) }
            rest = rest.dropFirst(chunk.count)
        }
        let verdict = verification.finish()
        #expect(verdict == .verified(secretPosition: 0), "seed \(seed)")
    }

    @Test("A delivery may be kept in a class between reads, and dropped at any point")
    func keptInClass() throws {
        final class Connection {
            var verification: Verification?
            func finish() -> Verdict? { verification.take()?.finish() }
        }
        let delivery = try Delivery.signed("stripe")
        let verifier = try Verifier(scheme: delivery.scheme, secrets: [delivery.secret])
        for isDropped in [true, false, true, false, false] {
            let connection = Connection()
            connection.verification = verifier.begin(delivery.headers, now: delivery.now)
            delivery.body.withUnsafeBytes { connection.verification?.update($0) }
            if isDropped { continue }
            #expect(connection.finish() == .verified(secretPosition: 0))
            #expect(connection.finish() == nil)
        }
    }

    @Test("No verifier is made of secrets that could never verify, or that nothing looks at")
    func badSecrets() throws {
        let fivetran = try #require(Scheme.preset(named: "fivetran"))
        #expect(throws: VerifierError.noSecrets) { try Verifier(scheme: fivetran, secrets: []) }
        #expect(throws: VerifierError.noSecrets) { try Verifier(scheme: .bearer, secrets: []) }
        #expect(throws: VerifierError.emptySecret(position: 1)) {
            try Verifier(scheme: fivetran, secrets: [[1], []])
        }
        #expect(throws: VerifierError.emptySecret(position: 0)) { try Verifier(scheme: .basic, secrets: [[]]) }
        #expect(throws: VerifierError.secretsUnused) { try Verifier(scheme: .unsigned, secrets: [[1]]) }
    }
}
