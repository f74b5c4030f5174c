import Vocabulary

/// The calls of the real service that the simulator answers.
package enum SimulatedEndpoint: String, Hashable, Sendable, Decodable, CaseIterable {
    case token
    case tables
    case load
    case partialSync = "partial_sync"
    case lastLoad = "last_load"
    case executeDataJob = "execute_data_job"
    case dataJob = "data_job"
}

/// A fault on request: which calls it meets, and what happens to them.
package struct Fault: Hashable, Sendable {
    /// What becomes of the answer.
    package enum Effect: String, Hashable, Sendable, Decodable {
        /// The answer of this fault (`status`, `headers`, `body`) instead of the real one.
        case answer
        /// The connection is reset without an answer.
        case reset
        /// No answer ever comes.
        case hang
        /// The real answer, one byte every `interval`.
        case slow
        /// The real answer.
        case pass
    }

    /// nil: any.
    package var endpoint: SimulatedEndpoint?
    /// nil: any.
    package var dataModelID: String?
    /// The calls that pass before the fault acts.
    package var skip: Int
    /// How many calls it meets; nil: until the faults are cleared.
    package var count: Int?
    /// The share of calls, chosen by the seeded generator, that it meets.
    package var share: Double
    package var effect: Effect
    /// Whether the call takes effect (a load starts) although its answer is faulty. `slow` and `pass` always do.
    package var processed: Bool
    package var status: Int
    package var headers: [String: String]
    package var body: String
    /// So many spaces are appended to the body.
    package var padding: Int
    /// Passes before the answer.
    package var delay: Duration
    package var interval: Duration

    package init(
        _ effect: Effect = .answer,
        endpoint: SimulatedEndpoint? = nil,
        dataModelID: String? = nil,
        skip: Int = 0,
        count: Int? = 1,
        share: Double = 1,
        processed: Bool = false,
        status: Int = 500,
        headers: [String: String] = [:],
        body: String = "",
        padding: Int = 0,
        delay: Duration = .zero,
        interval: Duration = .milliseconds(100)
    ) {
        self.effect = effect
        self.endpoint = endpoint
        self.dataModelID = dataModelID
        self.skip = skip
        self.count = count
        self.share = share
        self.processed = processed
        self.status = status
        self.headers = headers
        self.body = body
        self.padding = padding
        self.delay = delay
        self.interval = interval
    }

    /// Whether this fault meets a call; counts the call if it is one of those named.
    mutating func meets(
        _ endpoint: SimulatedEndpoint,
        dataModelID: String?,
        random: inout SeededGenerator
    ) -> Bool {
        guard self.endpoint == nil || self.endpoint == endpoint, count != 0 else { return false }
        guard self.dataModelID == nil || self.dataModelID == dataModelID else { return false }
        if skip > 0 {
            skip -= 1
            return false
        }
        guard share >= 1 || Double.random(in: 0..<1, using: &random) < share else { return false }
        count = count.map { $0 - 1 }
        return true
    }
}

extension Fault: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case effect
        case endpoint
        case dataModelID = "data_model_id"
        case skip
        case count
        case share
        case processed
        case status
        case headers
        case body
        case padding
        case delay = "delay_seconds"
        case interval = "interval_seconds"
    }

    /// In a file `count: null` means "until cleared".
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.effect, into: &effect)
        endpoint = try values.decodeIfPresent(SimulatedEndpoint.self, forKey: .endpoint)
        dataModelID = try values.decodeIfPresent(String.self, forKey: .dataModelID)
        try values.read(.skip, into: &skip)
        if values.contains(.count) { count = try values.decodeIfPresent(Int.self, forKey: .count) }
        try values.read(.share, into: &share)
        try values.read(.processed, into: &processed)
        try values.read(.status, into: &status)
        try values.read(.headers, into: &headers)
        try values.read(.body, into: &body)
        try values.read(.padding, into: &padding)
        guard (0...1 << 30).contains(padding) else {
            throw DecodingError.dataCorruptedError(
                forKey: .padding,
                in: values,
                debugDescription: "padding is a number of bytes, at most a gibibyte"
            )
        }
        try values.readSeconds(.delay, into: &delay)
        try values.readSeconds(.interval, into: &interval)
    }
}
