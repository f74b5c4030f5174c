import Vocabulary

/// An `http` or `https` address (RFC 3986).
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// `https` rather than `http`.
    package let isSecure: Bool
    /// A name or an address, without brackets.
    package let host: String
    /// As written; nil means the scheme's own (80, 443).
    package let port: Int?
    /// Everything behind host and port, from its `/`, `?` or `#`; empty where nothing is.
    package let rest: String
    /// As written. May hold credentials, so it belongs in no log.
    package let text: String
    /// What stands before an `@`, if anything does.
    let userInfo: String?

    /// Nil unless it begins with `http://` or `https://`, names a host, and holds only characters that a URL may have.
    package init?(_ text: String) {
        guard let colon = text.firstRange(of: "://"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        switch text[..<colon.lowerBound].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let behind = text[colon.upperBound...]
        let end = behind.firstIndex { "/?#".contains($0) } ?? behind.endIndex
        let authority = behind[..<end]
        let at = authority.lastIndex(of: "@")
        let hostAndPort = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let parsed = Authority(hostAndPort), parsed.port != 0 else { return nil }
        host = parsed.host
        port = parsed.port
        rest = String(behind[end...])
        userInfo = at.map { String(authority[..<$0]) }
        self.text = text
    }

    /// Scheme, host and port: all of it that can be shown.
    package var description: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return (isSecure ? "https://" : "http://") + shownHost + (port.map { ":\($0)" } ?? "")
    }

    /// Only this machine can answer there.
    package var isLoopback: Bool { Authority.isLoopback(host: host) }
}

extension Reader where Value == WebAddress {
    /// An address whose text is never repeated in a message: a URL may hold credentials.
    private static func any(_ expected: String) -> Self {
        let scheme = "^[Hh][Tt][Tt][Pp][Ss]?://"
        return Self(.text(pattern: scheme, examples: ["https://acme.eu-1.celonis.cloud"])) { node, reading in
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            if let address = WebAddress(scalar.text) { return address }
            reading.report.mask(node.span)
            reading.report.error("expected \(expected)", at: node.span)
            return nil
        }
    }

    /// A service's root: scheme, host and port and nothing behind them but a slash; plain `http` only to this machine.
    static var baseURL: Self {
        any("an address such as https://acme.eu-1.celonis.cloud").and { address, span, report in
            guard address.userInfo == nil, address.rest.isEmpty || address.rest == "/" else {
                report.mask(span)
                report.error(
                    "expected scheme and host only",
                    at: span,
                    hint: address.userInfo == nil ? "write \(address)" : "credentials belong under auth"
                )
                return false
            }
            return isEncrypted(address, span, report)
        }
    }

    /// Where something is sent; plain `http` only to this machine. Such addresses often hold a token.
    static var target: Self {
        any("an address such as https://example.com/hook").and { address, span, report in
            report.mask(span)
            return isEncrypted(address, span, report)
        }
    }

    /// A proxy: usually plain `http`, sometimes with credentials.
    static var proxy: Self {
        any("an address such as http://proxy:3128").and { address, span, report in
            // A user and a password are the proxy's own secret.
            if address.userInfo != nil { report.mask(span) }
            guard address.rest.isEmpty || address.rest == "/" else {
                report.error("expected scheme, host and port only", at: span)
                return false
            }
            return true
        }
    }

    private static func isEncrypted(_ address: WebAddress, _ span: Span, _ report: Report) -> Bool {
        if address.isSecure || address.isLoopback { return true }
        report.error("http:// is allowed to a loopback address only", at: span, hint: "use https://")
        return false
    }
}
