import Testing
import Vocabulary

@Suite struct AddressTests {
    @Test(
        "Ranges hold what their prefix says, each family its own",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false), ("10.1.2.3/8", "10.9.9.9", true), ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "10.0.0.1", false),
            ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.200", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::/65", "2001:db8::7fff:0:0:0", true), ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
            ("::1/128", "::1", true), ("::1/128", "::2", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("10.0.0.0/8", "::ffff:a01:203", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("::ffff:10.0.0.0/104", "11.1.2.3", false),
        ]
    )
    func contains(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(IPAddress(address))) == expected)
    }

    @Test(
        "What is no range is refused",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "10.0.0.0.0", "256.0.0.1",
            "010.0.0.1", "10.0.0.1 ", "::/129", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::",
            "g::", "::1%eth0", "1:2:3:4:5:6:7:8::", ":1:2:3:4:5:6:7", "1.2.3.4::", "::ffff:10.0.0.0/90", "localhost",
        ]
    )
    func noRange(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "Addresses are read in every form and written in one",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::1", "0:0:0:0:0:0:0:1"),
            ("::", "0:0:0:0:0:0:0:0"), ("1::", "1:0:0:0:0:0:0:0"), ("2001:DB8::a:0", "2001:db8:0:0:0:0:a:0"),
            ("64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ]
    )
    func forms(_ text: String, _ written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(
        "Listen addresses are read and written the same",
        arguments: [
            ("127.0.0.1:8080", .tcp(host: "127.0.0.1", port: 8080)), ("localhost:0", .tcp(host: "localhost", port: 0)),
            ("[::1]:65535", .tcp(host: "::1", port: 65_535)), ("unix:/run/r.sock", .unix(path: "/run/r.sock")),
            ("systemd", .systemd),
        ] as [(String, ListenAddress)]
    )
    func listenAddress(_ text: String, _ address: ListenAddress) {
        #expect(ListenAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(
        "What is no listen address is refused",
        arguments: [
            "", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "::1:8080",
            "[::1]", "[::1:8080", "[a]:80", "http://a:80", "a b:80", "unix:", "unix:relative", "Systemd", "8080",
            "[127.0.0.1]:80", "[::1]x:80", "1.2.3.400:80", "127.0.0.1:99999999999999999999",
            "unix:/" + String(repeating: "x", count: 107),
        ]
    )
    func noListenAddress(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        "An address is local when only this machine can reach it",
        arguments: [
            ("127.0.0.1:1", true), ("127.1.2.3:1", true), ("[::1]:1", true), ("LOCALHOST:1", true), ("unix:/x", true),
            ("0.0.0.0:1", false), ("[::]:1", false), ("10.0.0.1:1", false), ("localhost.example:1", false),
            ("systemd", false),
        ]
    )
    func local(_ text: String, _ isLocal: Bool) {
        #expect(ListenAddress(text)?.isLocal == isLocal)
    }

    @Test(
        "A range's first address has no bits beyond the prefix",
        arguments: [
            ("10.129.2.3/9", "10.128.0.0"), ("2001:db8::1/64", "2001:db8::"), ("::1/128", "::1"),
            ("1.2.3.4/0", "0.0.0.0"),
        ]
    )
    func first(_ range: String, _ address: String) throws {
        #expect(try #require(AddressRange(range)).first == IPAddress(address))
    }
}
