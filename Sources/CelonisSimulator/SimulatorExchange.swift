import FoundationEssentials
import Vocabulary

/// A request as the simulator sees it, free of any HTTP library.
package struct SimulatorRequest: Sendable {
    package var method: String
    /// As sent, still percent-encoded.
    package var target: String
    package var headers: HeaderList
    package var body: [UInt8]

    package init(method: String, target: String, headers: HeaderList = HeaderList(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The path's segments, percent-decoded; the query is dropped.
    var segments: [String] {
        target.prefix { $0 != "?" }.split(separator: "/").map { segment in
            PercentEncoding.decode(segment)
        }
    }

    func decodeBody<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    /// The fields of an `application/x-www-form-urlencoded` body.
    var form: [String: String] {
        var fields: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                PercentEncoding.decode(String(part.map { $0 == "+" ? " " : $0 }))
            }
            fields[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return fields
    }
}

/// An answer, and how it reaches the client.
package struct SimulatorReply: Hashable, Sendable {
    /// How an answer reaches the client.
    package enum Delivery: Hashable, Sendable {
        case whole
        /// One byte every interval.
        case slow(Duration)
        /// Not at all: the connection is reset.
        case reset
        /// Not at all: the connection stays open.
        case hang
    }

    package var status: Int
    package var headers: [String: String]
    package var body: [UInt8]
    package var delivery: Delivery = .whole
    package var delay: Duration = .zero

    static func text(_ status: Int, _ body: String = "") -> Self {
        Self(status: status, headers: [:], body: Array(body.utf8))
    }

    static func json(_ status: Int, _ body: SimulatorJSON) -> Self {
        Self(status: status, headers: ["content-type": "application/json"], body: Array(body.description.utf8))
    }
}

extension WallTime {
    /// As in a `Date` header (RFC 9110 §5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
    var httpDate: String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = rfc3339.split { $0 == "-" || $0 == "T" || $0 == "." }
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(days[Int(milliseconds / 86_400_000 % 7)]), \(parts[2]) \(month) \(parts[0]) \(parts[3]) GMT"
    }
}
