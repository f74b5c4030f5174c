import Vocabulary

/// Keeps pages of other origins away from the API. A browser sends what a person's page asks of it to any address that
/// the person can reach, with the stored password, so neither a loopback address nor HTTP Basic protects by itself.
package enum OriginRule {
    /// Why a request may not reach the API; nil if it may. `isWrite`: it changes something. Without a token only the
    /// machine itself may come, and then a name that somebody else's DNS points at this machine (DNS rebinding) must not
    /// do: `Host` has to be an address or `localhost`.
    package static func refusal(of headers: some HeaderFields, isWrite: Bool, hasToken: Bool) -> String? {
        let host = headers.values(named: "host").first ?? ""
        if !hasToken, !isOwnName(host) {
            return "Without admin.token, Host must be an IP address or localhost: another name may be anybody's."
        }
        guard isWrite else { return nil }
        for site in headers.values(named: "sec-fetch-site") where site != "same-origin" && site != "none" {
            return "A page of another site may not change anything here."
        }
        for origin in headers.values(named: "origin") where authority(ofOrigin: origin).map(String.init) != host {
            return "A page of another origin may not change anything here."
        }
        return nil
    }

    /// An empty `Host` (HTTP/1.0, unix sockets) comes from no browser.
    private static func isOwnName(_ host: String) -> Bool {
        guard !host.isEmpty else { return true }
        guard let authority = Authority(host) else { return false }
        return authority.host.lowercased() == "localhost" || IPAddress(authority.host) != nil
    }

    /// `null` (a sandboxed page, a file) has none and equals no host.
    private static func authority(ofOrigin origin: String) -> Substring? {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return origin.dropFirst(scheme.count)
        }
        return nil
    }
}
