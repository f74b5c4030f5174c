import ReloadQueue
import Vocabulary

/// One entry of `models`: a data model of Celonis and how its changes become loads.
package struct ModelSettings: Hashable, Sendable {
    package var reference: ModelReference
    package var policy: ModelPolicy
}

extension Reader where Value == [ModelSettings] {
    /// `poll` is what `celonis.poll` says, since the queue asks it of every model.
    static func models(poll: PollSettings?) -> Self {
        let models = Reader<[Placed<ModelSettings>]>.named("model") { name in
            Reader<ModelSettings>.model(name, poll: poll).map { Placed(value: $0, span: name.span) }
        }
        return models.and { models, _, report in
            var seen: [[String]: String] = [:]
            for model in models {
                let reference = model.value.reference
                if let other = seen.updateValue(reference.name, forKey: [reference.poolID, reference.dataModelID]) {
                    report.error(
                        "model \"\(reference.name)\" has the same pool_id and data_model_id as \"\(other)\"",
                        at: model.span,
                        hint: "one data model is one entry, so that its changes become one load"
                    )
                }
            }
            return true
        }
        .map { models in models.map(\.value) }
    }
}

extension Reader where Value == ModelSettings {
    fileprivate static func model(_ name: Placed<String>, poll: PollSettings?) -> Self {
        .mapping("a model") { keys in
            let poolID = keys.required("pool_id", .text("an id"))
            let dataModelID = keys.required("data_model_id", .text("an id"))
            let policy = policy(keys, poll: poll)
            keys.reading.places.models[name.value] = name.span.start
            keys.noteTables(under: "wait_for_all", of: name.value)
            keys.noteTables(under: "reload_together", of: name.value)
            guard let poolID, let dataModelID else { return nil }
            let reference = ModelReference(name: name.value, poolID: poolID, dataModelID: dataModelID)
            return ModelSettings(reference: reference, policy: policy)
        }
    }

    private static func policy(_ keys: Keys, poll: PollSettings?) -> ModelPolicy {
        let maxWait = keys.value("max_wait", .duration, default: .seconds(600))
        let start = start(keys, maxWait: maxWait)
        let minInterval = keys.value("min_interval", .duration, default: .zero)
        let confirm: ModelPolicy.Confirm = keys.value("confirm", .oneOf("kind of confirmation"), default: .bestEffort)
        return ModelPolicy(
            start: start,
            maxWait: maxWait,
            minInterval: minInterval,
            confirm: confirm,
            retry: keys.section("retry", .retry) ?? ModelPolicy.Retry(),
            waitForAll: keys.value("wait_for_all", .list(of: .waitForAll(maxWait: maxWait)), default: []),
            options: LoadOptions(
                reloadTogether: keys.value("reload_together", .list(of: .tableSet), default: []),
                completeLoadAbove: keys.optional("complete_load_above", .number(0...1, "a share from 0 to 1")),
                timeout: keys.value("load_timeout", .positiveDuration, default: .seconds(2 * 3600)),
                before: keys.optional("before", .dataJob),
                waitsUntilUnderstood: confirm == .required
            ),
            poll: poll.map { ModelPolicy.Poll(initial: $0.initial, maximum: $0.maximum) } ?? ModelPolicy.Poll()
        )
    }

    /// nil where neither is written: then the quiet period is the smaller of 30s and `max_wait`.
    private static func start(_ keys: Keys, maxWait: Duration) -> ModelPolicy.Start? {
        let debounce = keys.optional("debounce", .duration)
        let loadCost = keys.optional("load_cost", .positiveDuration)
        keys.exclude("debounce", "load_cost", because: "each says when waiting changes are loaded")
        if let debounce { keys.checkOrder("debounce", debounce, "max_wait", maxWait) }
        return loadCost.map(ModelPolicy.Start.loadCost) ?? debounce.map(ModelPolicy.Start.debounce)
    }
}

extension Reader where Value == ModelPolicy.Retry {
    fileprivate static var retry: Self {
        .mapping("retry") { keys in
            let retry = ModelPolicy.Retry(
                giveUpAfter: keys.value("give_up_after", .duration, default: .seconds(24 * 3600)),
                initial: keys.value("initial", .positiveDuration, default: .seconds(5)),
                maximum: keys.value("maximum", .positiveDuration, default: .seconds(600))
            )
            keys.checkOrder("initial", retry.initial, "maximum", retry.maximum)
            return retry
        }
    }
}

extension Reader where Value == ModelPolicy.WaitForAll {
    fileprivate static func waitForAll(maxWait: Duration) -> Self {
        .mapping("wait_for_all") { keys in
            let tables = keys.required("tables", .tableSet)
            let atMost = keys.optional("at_most", .positiveDuration)
            return tables.map { ModelPolicy.WaitForAll(tables: $0, atMost: atMost ?? maxWait) }
        }
    }
}

extension Reader where Value == [String] {
    /// Two tables or more.
    fileprivate static var tableSet: Self { .list(of: .tableName, atLeast: 2).withoutRepeats("table") }
}

extension Reader where Value == String {
    /// One table, not a selector of many.
    private static var tableName: Self {
        text("a table").and { name, span, report in
            if case .table = Selector(name) { return true }
            report.error("expected one table, found \"\(name)\"", at: span)
            return false
        }
    }
}

extension Reader where Value == DataJob {
    fileprivate static var dataJob: Self {
        .mapping("before") { keys in
            let id = keys.required("data_job", .text("an id"))
            let mode = keys.value("mode", .oneOf(), default: DataJob.Mode.delta)
            return id.map { DataJob(id: $0, mode: mode) }
        }
    }
}
