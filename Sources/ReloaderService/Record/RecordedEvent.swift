import JSONPath
import Vocabulary

/// One accepted event as `record:` keeps it and `simulate` reads it: a line of JSON (product.md §5).
struct RecordedEvent: Sendable {
    var at: WallTime
    var source: String
    /// Those that rules name.
    var headers: HeaderList
    /// The delivery's body as it came: one valid JSON text.
    var body: [UInt8]

    /// Appends `{"at":"…","source":"…","headers":{…},"body":{…}}` and a line feed.
    func append(to text: inout [UInt8]) {
        text += #"{"at":""#.utf8
        at.appendRFC3339(to: &text)
        text += #"","source":"#.utf8
        JSONText.append(source, to: &text)
        text += #","headers":{"#.utf8
        var written: [String] = []
        for field in headers.fields where !written.contains(field.name) {
            if !written.isEmpty { text.append(UInt8(ascii: ",")) }
            written.append(field.name)
            append(field.name, to: &text)
        }
        text += #"},"body":"#.utf8
        // Between the values of a JSON text a line break means what a space means; inside a string it is not valid.
        let start = body.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        for byte in body[start...] { text.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
        text += "}\n".utf8
    }

    /// A header's name and value; a list of them where it was repeated.
    private func append(_ name: String, to text: inout [UInt8]) {
        JSONText.append(name, to: &text)
        text.append(UInt8(ascii: ":"))
        let values = headers.fields.filter { $0.name == name }.map(\.value)
        if values.count > 1 { text.append(UInt8(ascii: "[")) }
        for (position, value) in values.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            JSONText.append(value, to: &text)
        }
        if values.count > 1 { text.append(UInt8(ascii: "]")) }
    }
}

/// What is wrong with a line of recorded events, for the person who wrote or cut it.
enum RecordedEventError: Error, Equatable, CustomStringConvertible {
    case json(JSONError)
    case notAnObject
    case time
    case source
    case headers
    case body
    case unknownKey(String)

    var description: String {
        switch self {
        case .json(let error): error.description.replacing("The body", with: "The line")
        case .notAnObject: #"The line is no object of the form {"at":"…","source":"…","headers":{…},"body":{…}}."#
        case .time: #""at" must be a time such as "2026-11-23T20:27:53.120Z", from 1970 to 2200."#
        case .source: #""source" must be the name of a source."#
        case .headers: #""headers" must be an object of texts, or of lists of texts."#
        case .body: #""body" is missing."#
        case .unknownKey(let key): #"The key "\#(key)" is not known here: use at, source, headers and body."#
        }
    }
}

/// A recorded event where it lies: valid inside `parse` only.
struct RecordedLine {
    var at: WallTime
    var source: String
    var headers: HeaderList
    var body: JSONNode

    /// What a clock in nanoseconds can hold: the years 1970 to 2200.
    private static let times = WallTime(milliseconds: 0)...WallTime(milliseconds: 7_258_118_400_000)

    /// A line's members; their order does not matter, and `headers` may be left out.
    init(_ root: JSONNode) throws(RecordedEventError) {
        guard root.kind == .object else { throw .notAnObject }
        var at: WallTime?
        var source: String?
        var body: JSONNode?
        headers = HeaderList()
        for (name, value) in root.members {
            switch String(decoding: name, as: UTF8.self) {
            case "at": at = value.utf8.flatMap(WallTime.init(rfc3339:)).flatMap { Self.times.contains($0) ? $0 : nil }
            case "source": source = value.string
            case "headers": headers = try Self.headers(value)
            case "body": body = value
            case let key: throw .unknownKey(key)
            }
        }
        guard let at else { throw .time }
        guard let source else { throw .source }
        guard let body else { throw .body }
        (self.at, self.source, self.body) = (at, source, body)
    }

    private static func headers(_ node: JSONNode) throws(RecordedEventError) -> HeaderList {
        guard node.kind == .object else { throw .headers }
        var list = HeaderList()
        for (name, value) in node.members {
            let name = String(decoding: name, as: UTF8.self)
            if value.kind == .array {
                for element in value.elements {
                    guard let text = element.string else { throw .headers }
                    list.fields.append((name, text))
                }
            } else {
                guard let text = value.string else { throw .headers }
                list.fields.append((name, text))
            }
        }
        return list
    }
}
