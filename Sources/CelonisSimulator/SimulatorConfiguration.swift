import Vocabulary

/// What the simulator serves and how it behaves where the real service's behaviour is unknown. Every key may be left
/// out; without any, it serves one pool `demo-pool` with one model `demo-model` of twelve SAP tables. Durations are
/// seconds in a file.
package struct SimulatorConfiguration: Hashable, Sendable {
    package var models: [SimulatedModel]
    package var credentials: SimulatedCredentials
    package var behaviour: SimulatedBehaviour
    /// Faults that are active from the start.
    package var faults: [Fault]
    /// Seeds the choice of calls for faults with a `share`.
    package var seed: UInt64
    /// nil: plain HTTP.
    package var tls: SimulatedTLS?

    package init(
        models: [SimulatedModel] = [SimulatedModel()],
        credentials: SimulatedCredentials = SimulatedCredentials(),
        behaviour: SimulatedBehaviour = SimulatedBehaviour(),
        faults: [Fault] = [],
        seed: UInt64 = 1,
        tls: SimulatedTLS? = nil
    ) {
        self.models = models
        self.credentials = credentials
        self.behaviour = behaviour
        self.faults = faults
        self.seed = seed
        self.tls = tls
    }
}

/// PEM files for HTTPS.
package struct SimulatedTLS: Hashable, Sendable {
    package var certificate: String
    package var privateKey: String

    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// One data model with its tables.
package struct SimulatedModel: Hashable, Sendable {
    package var poolID: String
    package var dataModelID: String
    package var tables: [SimulatedTable]
    /// How long a load takes; nil (`null` in a file): until it is told to end.
    package var loadTime: Duration?
    /// How the next loads end, in order; afterwards they succeed.
    package var outcomes: [SimulatedOutcome]
    /// The data job that must have succeeded before a load of this model; nil: none.
    package var dataJob: SimulatedDataJob?

    package init(
        poolID: String = "demo-pool",
        dataModelID: String = "demo-model",
        tables: [SimulatedTable] = SimulatedTable.sap,
        loadTime: Duration? = .seconds(3),
        outcomes: [SimulatedOutcome] = [],
        dataJob: SimulatedDataJob? = nil
    ) {
        self.poolID = poolID
        self.dataModelID = dataModelID
        self.tables = tables
        self.loadTime = loadTime
        self.outcomes = outcomes
        self.dataJob = dataJob
    }
}

/// A data job that feeds a model.
package struct SimulatedDataJob: Hashable, Sendable {
    package var id: String
    /// How long a run takes; nil (`null` in a file): until it is told to end.
    package var runTime: Duration?
    /// The statuses with which the client's next runs end, in order; afterwards they succeed.
    package var outcomes: [String]

    package init(id: String = "demo-job", runTime: Duration? = .seconds(3), outcomes: [String] = []) {
        self.id = id
        self.runTime = runTime
        self.outcomes = outcomes
    }
}

/// A table as the table list shows it.
package struct SimulatedTable: Hashable, Sendable {
    package var id: String
    package var name: String
    package var alias: String?
    package var dataSourceID: String?

    package init(id: String, name: String, alias: String? = nil, dataSourceID: String? = nil) {
        self.id = id
        self.name = name
        self.alias = alias
        self.dataSourceID = dataSourceID
    }

    /// A dozen SAP tables with ids `table-ekko` … from the connections `sap-ecc` and `sap-masterdata`.
    package static let sap: [Self] =
        ["EKKO", "EKPO", "EKBE", "EKET", "VBAK", "VBAP", "LIKP", "LIPS", "BKPF", "BSEG"].map {
            Self(id: "table-" + $0.lowercased(), name: $0, dataSourceID: "sap-ecc")
        }
        + ["KNA1", "LFA1"].map {
            Self(id: "table-" + $0.lowercased(), name: $0, dataSourceID: "sap-masterdata")
        }
}

/// How a load ends: a status as last-load shows it, and its message.
package struct SimulatedOutcome: Hashable, Sendable {
    package var status: String
    package var message: String?

    package init(_ status: String, message: String? = nil) {
        self.status = status
        self.message = message
    }

    package static let success = Self("SUCCESS")
}

/// Whom the simulator lets in.
package struct SimulatedCredentials: Hashable, Sendable {
    /// How the client must name itself at the token endpoint.
    package enum ClientAuthentication: String, Hashable, Sendable, Decodable {
        case basic
        case form
        case either
    }

    package var clientID: String
    package var clientSecret: String
    package var clientAuthentication: ClientAuthentication
    package var applicationKey: String
    package var apiKey: String
    package var tokenLifetime: Duration
    /// Pools for which every call is answered with 403.
    package var forbiddenPools: [String]

    package init(
        clientID: String = "demo-client",
        clientSecret: String = "demo-secret",
        clientAuthentication: ClientAuthentication = .either,
        applicationKey: String = "demo-application-key",
        apiKey: String = "demo-api-key",
        tokenLifetime: Duration = .seconds(900),
        forbiddenPools: [String] = []
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientAuthentication = clientAuthentication
        self.applicationKey = applicationKey
        self.apiKey = apiKey
        self.tokenLifetime = tokenLifetime
        self.forbiddenPools = forbiddenPools
    }
}

/// One answer to each question that the vendor's documentation leaves open.
package struct SimulatedBehaviour: Hashable, Sendable {
    /// What a POST does while a load runs.
    package enum SecondTrigger: String, Hashable, Sendable, Decodable, CaseIterable {
        case conflict
        case badRequest = "bad_request"
        case queued
        case ignored
        /// The running load is canceled and the new one starts.
        case replaced
    }

    /// How last-load writes a date.
    package enum Dates: String, Hashable, Sendable, Decodable, CaseIterable {
        case iso
        case epoch
        /// ISO 8601 with a zone's offset.
        case offset
        /// ISO 8601 in whole seconds.
        case seconds
        /// ISO 8601 without a zone.
        case local
    }

    /// How last-load says that the model was never loaded.
    package enum NeverLoaded: String, Hashable, Sendable, Decodable, CaseIterable {
        case noContent = "no_content"
        case notFound = "not_found"
        case null
        case empty
    }

    /// What a trigger is answered with.
    package enum Accepted: String, Hashable, Sendable, Decodable, CaseIterable {
        /// 200 without a body.
        case empty
        /// 204.
        case noContent = "no_content"
        /// 202 with an object.
        case json
        /// 200 with a word.
        case text
    }

    /// The shape of an error's body.
    package enum Errors: String, Hashable, Sendable, Decodable, CaseIterable {
        /// `message`.
        case message
        /// `frontendErrorKey` and `errorInformation`.
        case frontend
        case text
        case html
        case empty
    }

    /// How a token's life is told.
    package enum Lifetime: String, Hashable, Sendable, Decodable, CaseIterable {
        case number
        case text
        case untold
    }

    /// What a partial load does in a model that was never loaded.
    package enum WithoutCache: String, Hashable, Sendable, Decodable, CaseIterable {
        case loads
        /// 400.
        case rejected
    }

    package var secondTrigger: SecondTrigger
    /// For how long after a trigger last-load still shows the load before.
    package var staleTime: Duration
    package var dates: Dates
    /// Whether answers carry a `Date`.
    package var datedAnswers: Bool
    /// How far the clock of last-load's dates is ahead of the one of the answers' `Date`; may be negative.
    package var dateLead: Duration
    /// Fields that last-load leaves out, e.g. `dataLoadId`.
    package var omittedFields: [String]
    package var neverLoaded: NeverLoaded
    /// As last-load shows a load in progress.
    package var runningStatus: String
    package var accepted: Accepted
    package var errors: Errors
    package var lifetime: Lifetime
    package var withoutCache: WithoutCache
    /// Table ids for which a partial load is answered with 400.
    package var rejectedTables: [String]

    package init(
        secondTrigger: SecondTrigger = .conflict,
        staleTime: Duration = .zero,
        dates: Dates = .iso,
        datedAnswers: Bool = true,
        dateLead: Duration = .zero,
        omittedFields: [String] = [],
        neverLoaded: NeverLoaded = .noContent,
        runningStatus: String = "RUNNING",
        accepted: Accepted = .empty,
        errors: Errors = .message,
        lifetime: Lifetime = .number,
        withoutCache: WithoutCache = .loads,
        rejectedTables: [String] = []
    ) {
        self.secondTrigger = secondTrigger
        self.staleTime = staleTime
        self.dates = dates
        self.datedAnswers = datedAnswers
        self.dateLead = dateLead
        self.omittedFields = omittedFields
        self.neverLoaded = neverLoaded
        self.runningStatus = runningStatus
        self.accepted = accepted
        self.errors = errors
        self.lifetime = lifetime
        self.withoutCache = withoutCache
        self.rejectedTables = rejectedTables
    }
}
