import Listener

/// Which bodies are taken in by their headers (product.md §3): `application/json`, any `+json`, `text/plain` or no
/// `Content-Type` (an empty one is none), and no `Content-Encoding`: a signature covers bytes as sent, and nothing is
/// unpacked.
enum ContentType {
    static func isAccepted(_ headers: RequestHeaders) -> Bool {
        var isEncoded = false
        headers.forEachValue(named: "content-encoding") { encoding in
            if !encoding.isEmpty && encoding.lowercased() != "identity" { isEncoded = true }
        }
        // Before the slow way, what nearly all senders write.
        if headers.isOnly("content-type", "application/json") { return !isEncoded }
        var type: String?
        var isRepeated = false
        headers.forEachValue(named: "content-type") { value in
            isRepeated = type != nil
            type = value
        }
        return !isEncoded && !isRepeated && isAccepted(type ?? "")
    }

    private static func isAccepted(_ type: String) -> Bool {
        if type.isEmpty || type == "application/json; charset=utf-8" { return true }
        let media = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return media == "application/json" || media == "text/plain" || media.hasSuffix("+json") && media.contains("/")
    }
}
