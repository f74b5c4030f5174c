import Testing
import Vocabulary

@testable import Signatures

@Suite struct EncodingTests {
    @Test(
        "RFC 4648 §10: the test vectors of base64",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func base64(text: String, encoded: String) {
        #expect(Encoding.base64.encode(text.utf8) == encoded)
        for encoding in [Encoding.base64, .base64url] {
            #expect(encoding.decode(encoded.utf8) == Array(text.utf8))
            #expect(encoding.decode(encoded.utf8.filter { $0 != UInt8(ascii: "=") }) == Array(text.utf8))
        }
    }

    @Test("RFC 4648 §10: the test vectors of hex, in either case")
    func hex() {
        #expect(Encoding.hex.encode("foobar".utf8) == "666f6f626172")
        #expect(Encoding.hex.decode("666F6f626172".utf8) == Array("foobar".utf8))
    }

    @Test("The two alphabets of base64 differ in two characters and are not mixed")
    func alphabets() {
        let bytes: [UInt8] = [0xfb, 0xef, 0xff]
        #expect(Encoding.base64.encode(bytes) == "++//")
        #expect(Encoding.base64url.encode(bytes) == "--__")
        #expect(Encoding.base64.decode("--__".utf8) == nil)
        #expect(Encoding.base64url.decode("++//".utf8) == nil)
    }

    @Test("What is not strictly of its alphabet, length and padding is refused")
    func refused() {
        let bad: [(Encoding, String)] = [
            (.hex, "0"), (.hex, "0g"), (.hex, " 00"), (.hex, "00 "), (.hex, "0x00"), (.hex, "00\n"), (.hex, "é"),
            (.base64, "A"), (.base64, "AAAAA"), (.base64, "AA="), (.base64, "AA==="), (.base64, "AAA=="),
            (.base64, "AAAA="), (.base64, "AAAA===="), (.base64, "="), (.base64, "===="), (.base64, "A=AA"),
            (.base64, "AA==AAAA"), (.base64, "AAAA\n"), (.base64, " AAAA"), (.base64, "AA*A"), (.base64, "AB=="),
            (.base64, "AAB="), (.base64, "AB"), (.base64url, "AAB"),
        ]
        for (encoding, text) in bad {
            #expect(encoding.decode(text.utf8) == nil, "\(encoding): \(text)")
        }
    }

    @Test("Bits behind the last whole byte are ignored only when asked to be")
    func trailingBits() {
        #expect(Encoding.base64.decode("AB==".utf8, trailingBits: .ignored) == [0])
        #expect(Encoding.base64.decode("AAB".utf8, trailingBits: .ignored) == [0, 0])
        #expect(Encoding.base64.decode("A".utf8, trailingBits: .ignored) == nil)
    }

    @Test("What is encoded decodes to itself", arguments: Encoding.allCases, UInt64(0)..<50)
    func roundTrip(encoding: Encoding, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = random.bytes(0...100)
        let text = encoding.encode(bytes)
        #expect(encoding.decode(text.utf8) == bytes, "seed \(seed)")
        #expect(text.utf8.count <= encoding.longestText(of: bytes.count), "seed \(seed)")
    }
}
