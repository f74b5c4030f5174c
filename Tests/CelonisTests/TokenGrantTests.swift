import Testing

@testable import Celonis

@Suite("Celonis' answer to who asks for a token")
struct TokenGrantTests {
    @Test(
        "Its lifetime is between a second and a day, and five minutes where none is told",
        arguments: [
            ("3600", 3600), (#""3600""#, 3600), ("0", 1), ("1e300", 86_400), ("null", 300), (#""NaN""#, 300),
            (#""inf""#, 86_400), (#""soon""#, 300),
        ]
    )
    func lifetime(told: String, seconds: Int) throws {
        let grant = try #require(TokenGrant(body: Array(#"{"access_token":"t","expires_in":\#(told)}"#.utf8)))
        #expect(grant.lifetime == .seconds(seconds))
    }
}
