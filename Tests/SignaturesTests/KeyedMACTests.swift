import Testing

@testable import Signatures

@Suite struct KeyedMACTests {
    private let key = [UInt8](repeating: 0x0b, count: 20)
    private let data = Array("Hi There".utf8)

    @Test("RFC 2202 §3 and RFC 4231 §4.2: test case 1 of every algorithm")
    func published() throws {
        let macs: [(HashAlgorithm, String)] = [
            (.sha1, "b617318655057264e28bc0b6fb378c8ef146be00"),
            (.sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                .sha384,
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
            ),
            (
                .sha512,
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            ),
        ]
        for (algorithm, expected) in macs {
            let mac = try #require(KeyedMAC(algorithm, key: key)?.mac(of: data))
            #expect(Encoding.hex.encode(mac) == expected)
            #expect(mac.count == algorithm.length)
        }
    }

    @Test("A context that is used again begins anew, whether it was finished or dropped half-way")
    func usedAgain() throws {
        let keyed = try #require(KeyedMAC(.sha256, key: key))
        let other = try #require(KeyedMAC(.sha256, key: key + key))
        let expected = [try #require(keyed.mac(of: data)), try #require(other.mac(of: data))]
        let macs = KeyedMACs([keyed, other])
        for _ in 0..<100 {
            var dropped = RunningMACs(duplicating: macs)
            Array("half of something".utf8).withUnsafeBytes { dropped.update($0) }
            #expect(Self.finish(macs, data) == expected)
        }
    }

    @Test("Deliveries that are under way at once do not touch each other")
    func atOnce() async throws {
        let keyed = try #require(KeyedMAC(.sha256, key: key))
        let macs = KeyedMACs([keyed])
        let expected = try (0..<64).map { number in try #require(keyed.mac(of: data + [UInt8(number)])) }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                let (data, mac) = (data, expected[number])
                group.addTask { (0..<200).count { _ in Self.finish(macs, data + [UInt8(number)]) != [mac] } }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    private static func finish(_ macs: KeyedMACs, _ data: [UInt8]) -> [[UInt8]] {
        var running = RunningMACs(duplicating: macs)
        data.withUnsafeBytes { running.update($0) }
        var results: [[UInt8]] = []
        return running.finish { _, mac in results.append(Array(mac)) } ? results : []
    }

    @Test("There is no MAC under an empty key")
    func emptyKey() {
        #expect(KeyedMAC(.sha256, key: []) == nil)
    }
}
