import Testing

@testable import Signatures

@Suite struct SecretDecodingTests {
    private func key(_ text: String, _ preset: String) throws -> [UInt8] {
        try SecretDecoding.key(text, for: try #require(Scheme.preset(named: preset)))
    }

    @Test("whsec_ is stripped and decoded for Standard Webhooks and Svix only")
    func whsec() throws {
        for preset in ["standard-webhooks", "svix"] {
            #expect(try key("whsec_AAEC", preset) == [0, 1, 2])
            #expect(try key("AAEC", preset) == [0, 1, 2])
            #expect(try key("whsec_AAECAw==", preset) == [0, 1, 2, 3])
            #expect(try key("whsec_AAECAw", preset) == [0, 1, 2, 3])
        }
        for preset in Scheme.presetNames where preset != "standard-webhooks" && preset != "svix" {
            #expect(try key("whsec_AAEC", preset) == Array("whsec_AAEC".utf8))
        }
        #expect(try SecretDecoding.key("whsec_AAEC", for: .bearer) == Array("whsec_AAEC".utf8))
    }

    @Test("Elsewhere a secret is its UTF-8 text, as it is")
    func text() throws {
        #expect(try key(" It's a Secret to Everybody ü\n", "github") == Array(" It's a Secret to Everybody ü\n".utf8))
    }

    @Test("An empty or undecodable secret is an error that does not repeat it")
    func refused() throws {
        #expect(throws: SecretError.empty) { try key("", "github") }
        #expect(throws: SecretError.empty) { try key("", "svix") }
        #expect(throws: SecretError.empty) { try key("whsec_", "svix") }
        for text in ["whsec_!", "whsec_AAEC AAEC", "whsec_A", "whsec_AAEC\n", "whsec_whsec_AAEC", "WHSEC_AAEC"] {
            #expect(throws: SecretError.notBase64) { try key(text, "svix") }
        }
        #expect(!SecretError.notBase64.description.contains("AAEC"))
    }
}
