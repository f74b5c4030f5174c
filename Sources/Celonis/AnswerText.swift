import FoundationEssentials

/// Turns what Celonis sent into a text for people: free of our credentials, on one line, at most 1 KiB. Error bodies
/// may be JSON of several shapes, plain text, HTML or empty (celonis-api.md, errors); nothing is required of them.
package struct AnswerText: Hashable, Sendable {
    static let limit = 1024
    /// More of a body is not looked at.
    static let bodyLimit = 64 << 10

    /// Control characters, byte order marks, direction marks.
    private static let unseen: Set<Unicode.GeneralCategory> = [.control, .format]

    private let redactor: Redactor

    package init(redactor: Redactor = Redactor([])) { self.redactor = redactor }

    /// Redacts before it shortens, so that no half of a secret stays.
    package func clean(_ text: String) -> String {
        let words = redactor.redact(text).split { character in
            character.isWhitespace
                || character.unicodeScalars.allSatisfy { Self.unseen.contains($0.properties.generalCategory) }
        }
        let line = words.joined(separator: " ")
        guard line.utf8.count > Self.limit else { return line }
        var end = line.utf8.index(line.startIndex, offsetBy: Self.limit - 3)
        while end.samePosition(in: line.unicodeScalars) == nil { end = line.utf8.index(before: end) }
        return String(line.unicodeScalars[..<end]) + "…"
    }

    /// The most telling text of an error's body; nil if there is none.
    package func detail(of body: [UInt8]) -> String? {
        let body = body.prefix(Self.bodyLimit)
        let text: String
        if let fields = try? JSONDecoder().decode(ErrorBody.self, from: Data(body)) {
            text = fields.text
        } else {
            text = Self.withoutTags(String(decoding: body, as: UTF8.self))
        }
        let cleaned = clean(text)
        return cleaned.isEmpty ? nil : cleaned
    }

    /// An HTML page's title, else its text without tags; other text as it is.
    private static func withoutTags(_ text: String) -> String {
        let start = text.prefix(256).lowercased()
        guard start.contains("<html") || start.contains("<!doctype") else { return text }
        if let open = text.firstRange(of: "<title>"), let close = text[open.upperBound...].firstRange(of: "</title>") {
            return String(text[open.upperBound..<close.lowerBound])
        }
        var inTag = false
        return String(
            text.compactMap { character -> Character? in
                if character == "<" { inTag = true }
                defer { if character == ">" { inTag = false } }
                return inTag ? (character == "<" ? " " : nil) : character
            }
        )
    }
}

/// The fields by which Celonis, and the proxies before it, say what is wrong; those that are there, each once.
private struct ErrorBody: Decodable {
    private static let names = [
        "title", "message", "errorInformation", "detail", "error_description", "error", "errors", "errorCode",
        "frontendErrorKey",
    ]

    var text: String

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            text = (try? list.decode(ErrorBody.self))?.text ?? ""
            return
        }
        if let scalar = try? decoder.singleValueContainer().decode(LooseText.self), let text = scalar.text {
            self.text = text
            return
        }
        let fields = try decoder.container(keyedBy: FieldName.self)
        var parts: [String] = []
        for name in Self.names {
            let part = (try? fields.decode(ErrorBody.self, forKey: FieldName(stringValue: name)))?.text ?? ""
            if !part.isEmpty, !parts.contains(part) { parts.append(part) }
        }
        text = parts.joined(separator: "; ")
    }
}

private struct FieldName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
