import Listener

/// Which bodies are taken in by their headers (product.md §3): `application/json`, any `+json`, `text/plain` or no
/// `Content-Type` (an empty one is none), and no `Content-Encoding`: a signature covers bytes as sent, and nothing is
/// unpacked.
enum ContentType {
    static func isAccepted(_ headers: RequestHeaders) -> Bool {
        let encodings = headers.values(named: "content-encoding")
        guard encodings.allSatisfy({ $0.isEmpty || $0.lowercased() == "identity" }) else { return false }
        let types = headers.values(named: "content-type")
        guard let type = types.first, types != [""] else { return true }
        guard types.count == 1 else { return false }
        let media = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return media == "application/json" || media == "text/plain" || media.hasSuffix("+json") && media.contains("/")
    }
}
