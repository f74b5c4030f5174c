import ReloadQueue
import Rules

/// Everything that one configuration file says (product.md §2), checked. Immutable once loaded: an event sees one
/// version of it (queue.md Q24).
package struct Configuration: Sendable {
    /// The file's name as it was given.
    package var file: String
    package var listen: ListenSettings
    package var admin: AdminSettings
    package var celonis: CelonisSettings
    package var models: [ModelSettings]
    package var sources: [SourceSettings]
    package var rules: [Rule]
    package var journal: JournalSettings
    package var limits: LimitsSettings
    package var notify: NotifySettings?
    package var record: RecordSettings?
    package var log: LogSettings
    package var tests: [TestSettings]

    /// Every table that the file names, and where.
    package var mentions: [TableMention]
    package var places: ConfigurationPlaces

    /// What the queue is told.
    package var queueSettings: QueueSettings {
        QueueSettings(
            models: Dictionary(uniqueKeysWithValues: models.map { ($0.reference, $0.policy) }),
            maxConcurrentLoads: celonis.maxConcurrentLoads,
            history: limits.history
        )
    }

    /// The rules, ready to match events.
    package var ruleSet: RuleSet {
        RuleSet(
            rules,
            testDeliveries: Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.testDelivery) }),
            secretHeaders: Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.scheme.secretHeaders) })
        )
    }

    /// Runs the file's own tests; each that fails is an error at its name.
    package func testFailures() -> [Diagnostic] {
        let ruleSet = ruleSet
        return tests.compactMap { test in
            test.test.difference(from: ruleSet).map { difference in
                Diagnostic(
                    severity: .error,
                    file: file,
                    place: test.place,
                    message: "test \"\(test.test.name)\" fails: \(difference.first ?? "")",
                    notes: Array(difference.dropFirst())
                )
            }
        }
    }
}

/// Where things stand that only Celonis can tell to be wrong.
package struct ConfigurationPlaces: Sendable {
    /// Of `celonis.auth`.
    package var auth = Place(line: 1, column: 1)
    /// Of each model's name.
    package var models: [String: Place] = [:]
    /// Of `listen.tls`.
    package var tls = Place(line: 1, column: 1)
    /// Of `celonis.ca_file`.
    package var caFile = Place(line: 1, column: 1)
    /// Of `journal.path`.
    package var journal = Place(line: 1, column: 1)
}

extension Reader where Value == Configuration {
    /// The whole file, section by section as product.md §2 shows it.
    static var configuration: Self {
        .mapping("the configuration") { keys in
            let listen = keys.section("listen", .listen)
            let admin = keys.section("admin", .admin)
            if let listen, let admin, listen.address.collides(with: admin.address) {
                keys.report.error(
                    "listen (\(listen.address)) and admin (\(admin.address)) cannot have the same address",
                    at: keys.span(of: "admin", "address") ?? keys.span(of: "listen", "address") ?? keys.span,
                    hint: "give admin another port"
                )
            }
            let celonis = keys.required("celonis", .celonis)
            let models = keys.required("models", .models(poll: celonis?.poll))
            let names = RuleNames(
                sources: keys.names(in: "sources"),
                models: keys.names(in: "models"),
                waitingModels: Set((models ?? []).filter { !$0.policy.waitForAll.isEmpty }.map(\.reference.name))
            )
            let sources = keys.required("sources", .sources(names))
            let rules = keys.required("rules", .rules(names))
            let journal = keys.section("journal", .journal)
            if keys.has("journal"), let journal, journal.path == nil {
                keys.report.warning(
                    "this journal has no path: the queue is in memory only, and a crash loses what was accepted",
                    at: keys.span(of: "journal"),
                    hint: "add path: /var/lib/reloader/journal.sqlite"
                )
            }
            let limits = keys.section("limits", .limits)
            let notify = keys.optional("notify", .notify)
            let record = keys.optional("record", .record)
            if let path = record?.path, path == journal?.path {
                keys.report.error(
                    "the record would be written into the journal: both have the path \(path)",
                    at: keys.span(of: "record"),
                    hint: "give the record a file of its own, such as /var/lib/reloader/events.jsonl"
                )
            }
            let log = keys.section("log", .log)
            let tests = keys.value("tests", .tests(names), default: [])
            guard let listen, let admin, let celonis, let models, let sources, let rules, let journal, let limits,
                let log
            else { return nil }
            return Configuration(
                file: keys.report.file,
                listen: listen,
                admin: admin,
                celonis: celonis,
                models: models,
                sources: sources,
                rules: rules,
                journal: journal,
                limits: limits,
                notify: notify,
                record: record,
                log: log,
                tests: tests,
                mentions: keys.reading.mentions,
                places: keys.reading.places
            )
        }
    }
}
