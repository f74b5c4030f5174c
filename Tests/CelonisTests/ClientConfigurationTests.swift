import Celonis
import Logging
import Testing

@Suite("The client's configuration")
struct ClientConfigurationTests {
    @Test("S7: a secret does not print, dump or describe itself, wherever it stands")
    func secrets() {
        let configuration = ClientConfiguration(
            baseURL: "https://x",
            credentials: .oauthClient(id: "id", secret: Secret("hush"), authentication: .basic),
            proxy: ProxyServer("http://u:hush@proxy")
        )
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, "\(configuration)", String(reflecting: configuration)] {
            #expect(!text.contains("hush"))
            #expect(text.contains("[redacted]"))
        }
    }

    @Test(
        "A proxy's address is read in all its usual forms",
        arguments: [
            ("http://proxy:8080", ProxyServer(host: "proxy", port: 8080)),
            ("proxy", ProxyServer(host: "proxy", port: 3128)),
            ("HTTP://[::1]:1/", ProxyServer(host: "::1", port: 1)),
            ("http://a%40b:p:w@h", ProxyServer(host: "h", port: 3128, user: "a@b", password: Secret("p:w"))),
            ("socks5://h", nil), ("https://h:1", nil), ("http://h:0", nil), ("http://h:x", nil), ("", nil),
            ("a b", nil),
        ] as [(String, ProxyServer?)]
    )
    func proxies(text: String, proxy: ProxyServer?) {
        #expect(ProxyServer(text) == proxy)
    }

    @Test("A ca_file that cannot be read is an error at the start")
    func caFile() {
        let configuration = ClientConfiguration(
            baseURL: "https://x",
            credentials: .apiKey(Secret("k")),
            caFile: "/nowhere/ca.pem"
        )
        #expect(throws: (any Error).self) { try CelonisClient(configuration, logger: Logger(label: "test")) }
    }
}
