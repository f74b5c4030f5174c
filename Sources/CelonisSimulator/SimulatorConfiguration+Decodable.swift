import Vocabulary

extension SimulatorConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case models
        case credentials
        case behaviour
        case faults
        case seed
        case tls
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.models, into: &models)
        try values.read(.credentials, into: &credentials)
        try values.read(.behaviour, into: &behaviour)
        try values.read(.faults, into: &faults)
        try values.read(.seed, into: &seed)
        tls = try values.decodeIfPresent(SimulatedTLS.self, forKey: .tls)
    }
}

extension SimulatedTLS: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case certificate
        case privateKey = "private_key"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init(
            certificate: try values.decode(String.self, forKey: .certificate),
            privateKey: try values.decode(String.self, forKey: .privateKey)
        )
    }
}

extension SimulatedModel: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case poolID = "pool_id"
        case dataModelID = "data_model_id"
        case tables
        case loadTime = "load_seconds"
        case outcomes
        case dataJob = "data_job"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.poolID, into: &poolID)
        try values.read(.dataModelID, into: &dataModelID)
        try values.read(.tables, into: &tables)
        try values.read(.outcomes, into: &outcomes)
        dataJob = try values.decodeIfPresent(SimulatedDataJob.self, forKey: .dataJob)
        if values.contains(.loadTime) {
            loadTime = try values.decodeIfPresent(SimulatedSeconds.self, forKey: .loadTime)?.duration
        }
    }
}

extension SimulatedDataJob: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case runTime = "run_seconds"
        case outcomes
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.id, into: &id)
        try values.read(.outcomes, into: &outcomes)
        if values.contains(.runTime) {
            runTime = try values.decodeIfPresent(SimulatedSeconds.self, forKey: .runTime)?.duration
        }
    }
}

extension SimulatedTable: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case name
        case alias
        case dataSourceID = "data_source_id"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init(
            id: try values.decode(String.self, forKey: .id),
            name: try values.decode(String.self, forKey: .name),
            alias: try values.decodeIfPresent(String.self, forKey: .alias),
            dataSourceID: try values.decodeIfPresent(String.self, forKey: .dataSourceID)
        )
    }
}

extension SimulatedOutcome: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case status
        case message
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init(
            try values.decode(String.self, forKey: .status),
            message: try values.decodeIfPresent(String.self, forKey: .message)
        )
    }
}

extension SimulatedCredentials: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case clientAuthentication = "client_authentication"
        case applicationKey = "application_key"
        case apiKey = "api_key"
        case tokenLifetime = "token_seconds"
        case forbiddenPools = "forbidden_pools"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.clientID, into: &clientID)
        try values.read(.clientSecret, into: &clientSecret)
        try values.read(.clientAuthentication, into: &clientAuthentication)
        try values.read(.applicationKey, into: &applicationKey)
        try values.read(.apiKey, into: &apiKey)
        try values.readSeconds(.tokenLifetime, into: &tokenLifetime)
        try values.read(.forbiddenPools, into: &forbiddenPools)
    }
}

extension SimulatedBehaviour: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case secondTrigger = "second_trigger"
        case staleTime = "stale_seconds"
        case dates
        case datedAnswers = "dated_answers"
        case dateLead = "date_lead_seconds"
        case omittedFields = "omitted_fields"
        case neverLoaded = "never_loaded"
        case runningStatus = "running_status"
        case accepted
        case errors
        case lifetime = "expires_in"
        case withoutCache = "without_cache"
        case rejectedTables = "rejected_tables"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(ofKnown: CodingKeys.self)
        self.init()
        try values.read(.secondTrigger, into: &secondTrigger)
        try values.readSeconds(.staleTime, into: &staleTime)
        try values.read(.dates, into: &dates)
        try values.read(.datedAnswers, into: &datedAnswers)
        try values.readSeconds(.dateLead, into: &dateLead)
        try values.read(.omittedFields, into: &omittedFields)
        try values.read(.neverLoaded, into: &neverLoaded)
        try values.read(.runningStatus, into: &runningStatus)
        try values.read(.accepted, into: &accepted)
        try values.read(.errors, into: &errors)
        try values.read(.lifetime, into: &lifetime)
        try values.read(.withoutCache, into: &withoutCache)
        try values.read(.rejectedTables, into: &rejectedTables)
    }
}

extension Decoder {
    /// A mapping that may hold these keys only. An unknown one is named before anything else about the mapping: what is
    /// misspelled would otherwise be passed over in silence.
    func container<Key: CodingKey & CaseIterable>(ofKnown keys: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let known = keys.allCases.map(\.stringValue)
        let written = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = written.filter({ !known.contains($0) }).min() {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription: "unknown key \"\(unknown)\"; the keys are \(known.joined(separator: ", "))"
                )
            )
        }
        return try container(keyedBy: keys)
    }
}

/// A duration written as seconds, up to a hundred years: what is longer, or no number, ends nothing but the program.
struct SimulatedSeconds: Decodable {
    let duration: Duration

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let seconds = try container.decode(Double.self)
        guard seconds.magnitude <= 3.2e9 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "seconds of more than a century")
        }
        duration = .seconds(seconds)
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer {
    /// Replaces a default by what is written under the key, if anything is.
    func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        value = try decodeIfPresent(Value.self, forKey: key) ?? value
    }

    /// The same for a duration written as seconds.
    func readSeconds(_ key: Key, into value: inout Duration) throws {
        value = try decodeIfPresent(SimulatedSeconds.self, forKey: key)?.duration ?? value
    }
}
