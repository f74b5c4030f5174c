/// `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT` (RFC 3986 §3.2).
package struct Authority: Hashable, Sendable {
    /// A name, or an address without brackets.
    package var host: String
    package var port: Int?

    /// Nil for anything else, and for a port beyond 65535.
    package init?(_ text: some StringProtocol) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let portText: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<close])
            guard host.contains(":"), IPAddress(host) != nil else { return nil }
            let rest = Substring(text[text.index(after: close)...])
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let parts = Substring(text).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = String(parts[0])
            let isName = host.utf8.allSatisfy { byte in
                let letter = byte | 32
                return digits.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
            guard !host.isEmpty, isName else { return nil }
            // A name of digits and dots only is meant as an address; 1.2.3.400 is none.
            if host.utf8.allSatisfy({ digits.contains($0) || $0 == UInt8(ascii: ".") }) {
                guard IPAddress(host) != nil else { return nil }
            }
            portText = parts.count == 2 ? parts[1] : nil
        }
        guard let portText else {
            port = nil
            return
        }
        guard portText.utf8.allSatisfy({ digits.contains($0) }), let port = Int(portText), port <= 65_535 else {
            return nil
        }
        self.port = port
    }

    /// `localhost`, 127.0.0.0/8 or ::1.
    package static func isLoopback(host: String) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }
}
