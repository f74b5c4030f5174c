import FoundationEssentials
import Vocabulary

/// One call of the API (celonis-api.md, endpoints). Paths and bodies of the API live here only.
package enum APICall: Hashable, Sendable {
    case token
    case tables(ModelReference)
    case lastLoad(ModelReference)
    case completeLoad(ModelReference)
    /// With the ids of the tables: never empty, none twice.
    case partialLoad(ModelReference, [String])
    case executeDataJob(ModelReference, DataJob)
    case dataJob(ModelReference, DataJob)

    var isTrigger: Bool {
        switch self {
        case .completeLoad, .partialLoad, .executeDataJob: true
        case .token, .tables, .lastLoad, .dataJob: false
        }
    }

    var method: String {
        switch self {
        case .tables, .lastLoad, .dataJob: "GET"
        case .token, .completeLoad, .partialLoad, .executeDataJob: "POST"
        }
    }

    var path: String {
        switch self {
        case .token: "/oauth2/token"
        case .tables(let model): Self.path(of: model) + "/tables"
        case .lastLoad(let model): Self.path(of: model) + "/last-load"
        case .completeLoad(let model): Self.path(of: model) + "/load"
        case .partialLoad(let model, _): Self.path(of: model) + "/load/partial-sync"
        case .executeDataJob(let model, let job):
            "/integration/api/v2/data-pools/\(PercentEncoding.encode(model.poolID))"
                + "/data-jobs/\(PercentEncoding.encode(job.id))/execute?mode=\(job.mode.rawValue.uppercased())"
        case .dataJob(let model, let job):
            "/integration/api/pools/\(PercentEncoding.encode(model.poolID))/jobs/\(PercentEncoding.encode(job.id))"
        }
    }

    /// The largest answer that is read.
    var answerLimit: Int {
        switch self {
        case .tables: 32 << 20
        case .token, .lastLoad, .completeLoad, .partialLoad, .executeDataJob, .dataJob: 1 << 20
        }
    }

    /// The JSON body.
    var body: [UInt8]? {
        switch self {
        case .partialLoad(_, let ids):
            // Strings always encode.
            (try? JSONEncoder().encode(ids)).map { Array($0) }
        case .token, .tables, .lastLoad, .completeLoad, .executeDataJob, .dataJob: nil
        }
    }

    private static func path(of model: ModelReference) -> String {
        "/integration/api/v1/data-pools/" + PercentEncoding.encode(model.poolID)
            + "/data-models/" + PercentEncoding.encode(model.dataModelID)
    }
}

/// What came back for a call.
package struct APIAnswer: Sendable {
    package var status: Int
    package var headers: HeaderList
    package var body: [UInt8]

    package init(status: Int, headers: HeaderList = HeaderList(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The first byte that is neither blank nor part of a byte order mark; nil while none came.
    var firstByte: UInt8? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return body.dropFirst(body.starts(with: mark) ? mark.count : 0).first {
            $0 != 0x20 && !(0x09...0x0D).contains($0)
        }
    }

    /// Whether this is a web page, such as a login form or a proxy's own error: the API answers with JSON, short text or
    /// nothing, none of which begins with `<`. Its type tells nothing: some servers call everything `text/html`.
    var isPage: Bool { firstByte == UInt8(ascii: "<") }
}

/// Why no usable answer came.
package enum TransportFailure: Error, Hashable, Sendable {
    /// The request never left: no connection, no TLS.
    case notSent(String)
    /// The request may have arrived: reset, timeout, a broken answer.
    case noAnswer(String)
    case answerTooLarge(limit: Int)
}
