import Vocabulary

/// The Prometheus text format (version 0.0.4) of a snapshot: the metrics that product.md §4 names. Every label value
/// comes from the configuration or from a fixed set, so the number of series is bounded by the configuration.
package func metricsText(_ snapshot: ServiceSnapshot) -> String {
    var page = MetricsPage()
    appendDeliveries(to: &page, snapshot)
    appendQueue(to: &page, snapshot.queue)
    appendService(to: &page, snapshot)
    return page.text
}

private func appendDeliveries(to page: inout MetricsPage, _ snapshot: ServiceSnapshot) {
    page.family("reloader_deliveries_received_total", .counter, "Deliveries answered, whatever the answer")
    for source in snapshot.sources {
        page.sample(["source": source.name], value: Double(source.received))
    }
    page.sample(["source": ""], value: Double(snapshot.unknownPaths))

    page.family("reloader_deliveries_total", .counter, "Deliveries by how they ended")
    for source in snapshot.sources {
        for outcome in DeliveryOutcome.allCases where outcome != .notFound {
            page.sample(
                ["source": source.name, "outcome": outcome.label],
                value: Double(source.outcomes[outcome] ?? 0)
            )
        }
    }
    page.sample(
        ["source": "", "outcome": DeliveryOutcome.notFound.label],
        value: Double(snapshot.unknownPaths)
    )

    page.family("reloader_source_silent", .gauge, "1 while a source is silent for longer than its expect_every")
    for source in snapshot.sources where source.expectEvery != nil {
        page.sample(["source": source.name], value: source.isSilent ? 1 : 0)
    }
    page.family(
        "reloader_secret_last_used_timestamp_seconds",
        .gauge,
        "When the secret at a position last verified a delivery"
    )
    for source in snapshot.sources {
        for (position, time) in source.secretLastUsed.enumerated() {
            if let time { page.sample(["source": source.name, "position": String(position)], value: time.seconds) }
        }
    }
}

private func appendService(to page: inout MetricsPage, _ snapshot: ServiceSnapshot) {
    page.family(
        "reloader_configuration_valid",
        .gauge,
        "1 if the newest configuration is in force, 0 if it was refused"
    )
    page.sample(value: snapshot.configuration.error == nil ? 1 : 0)
    page.family("reloader_build_info", .gauge, "Always 1; the labels say what runs")
    page.sample(["version": snapshot.version], value: 1)
    page.family("reloader_open_connections", .gauge, "Open connections of senders")
    page.sample(value: Double(snapshot.openConnections))
    page.family("reloader_notifications_total", .counter, "Notifications by what became of them")
    page.sample(["outcome": "delivered"], value: Double(snapshot.notifications.delivered))
    page.sample(["outcome": "dropped"], value: Double(snapshot.notifications.dropped))
    page.family("reloader_recorded_events_total", .counter, "Accepted events for the record by what became of them")
    page.sample(["outcome": "written"], value: Double(snapshot.recorded.written))
    page.sample(["outcome": "lost"], value: Double(snapshot.recorded.lost))
    page.family("reloader_draining", .gauge, "1 while the service drains and takes nothing in")
    page.sample(value: snapshot.queue.draining ? 1 : 0)
    let pools = snapshot.queue.breakers.count { $0.poolID != nil }
    page.family("reloader_breakers_open", .gauge, "Refusals by Celonis that make models wait: credentials, and pools")
    page.sample(["scope": "credentials"], value: Double(snapshot.queue.breakers.count - pools))
    page.sample(["scope": "pool"], value: Double(pools))
    if let journal = snapshot.journal {
        page.family("reloader_journal_writable", .gauge, "1 while the journal can be written")
        page.sample(value: journal.failure == nil ? 1 : 0)
        page.family("reloader_journal_commits_total", .counter, "Groups of entries that reached the disk, or did not")
        page.sample(["outcome": "written"], value: Double(journal.commits))
        page.sample(["outcome": "failed"], value: Double(journal.failedCommits))
        page.family("reloader_journal_entries_total", .counter, "Entries that reached the disk")
        page.sample(value: Double(journal.entries))
        page.family("reloader_journal_recovered_changes", .gauge, "Changes that came back at the start")
        page.sample(value: Double(journal.recoveredChanges))
    }
    // These names are Prometheus' own for every process.
    page.family("process_cpu_seconds_total", .counter, "User and system time")
    page.sample(value: snapshot.process.cpuTime.inSeconds)
    page.family("process_resident_memory_bytes", .gauge, "Resident memory")
    if let bytes = snapshot.process.residentBytes { page.sample(value: Double(bytes)) }
    page.family("process_start_time_seconds", .gauge, "When the service started")
    page.sample(value: snapshot.startedAt.seconds)
}

private func appendQueue(to page: inout MetricsPage, _ queue: QueueSnapshot) {
    let models = byName(queue.models)
    page.family("reloader_changes_total", .counter, "Changes accepted into the queue")
    for model in models { page.sample(["model": model.model.name], value: Double(model.changes)) }

    page.family("reloader_loads_total", .counter, "Loads that ended, by kind and outcome")
    for model in models {
        for load in model.loads {
            page.sample(
                ["model": model.model.name, "kind": load.kind.rawValue, "outcome": load.outcome.rawValue],
                value: Double(load.count)
            )
        }
    }
    page.family("reloader_load_duration_seconds", .histogram, "From the start of a load to its end seen")
    for model in models { page.histogram(["model": model.model.name], model.loadDuration) }
    page.family(
        "reloader_freshness_seconds",
        .histogram,
        "From a change's arrival to the end of the load that covers it"
    )
    for model in models { page.histogram(["model": model.model.name], model.freshness) }

    page.family("reloader_jobs", .gauge, "Jobs by state")
    for state in JobState.allCases where state != .ended {
        page.sample(["state": state.rawValue], value: Double(queue.jobs[state] ?? 0))
    }
    page.family("reloader_pending_tables", .gauge, "Selectors that wait for a load")
    for model in models { page.sample(["model": model.model.name], value: Double(model.pendingCount)) }
    page.family("reloader_oldest_change_seconds", .gauge, "Age of the oldest change that is not loaded yet; 0 if none")
    for model in models {
        page.sample(["model": model.model.name], value: model.oldestChangeAge?.inSeconds ?? 0)
    }
}

/// One entry a name: a removed model whose changes have not ended is one with the configured one of its name, since two
/// samples with the same labels would spoil the whole page.
private func byName(_ models: [ModelSnapshot]) -> [ModelSnapshot] {
    var merged: [ModelSnapshot] = []
    for model in models {
        if let last = merged.indices.last, merged[last].model.name == model.model.name {
            merged[last].add(model)
        } else {
            merged.append(model)
        }
    }
    return merged
}

extension ModelSnapshot {
    /// Adds what metrics tell of another model.
    fileprivate mutating func add(_ other: Self) {
        pendingCount += other.pendingCount
        oldestChangeAge = [oldestChangeAge, other.oldestChangeAge].compactMap(\.self).max()
        changes += other.changes
        for load in other.loads { loads.add(load) }
        loadDuration.add(other.loadDuration)
        freshness.add(other.freshness)
    }
}

/// Writes families and samples; knows escaping and nothing of the program.
private struct MetricsPage {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var name = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ labels: KeyValuePairs<String, String> = [:], value: Double, suffix: String = "") {
        text += name + suffix
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    mutating func histogram(_ labels: KeyValuePairs<String, String>, _ histogram: Histogram) {
        var cumulative: UInt64 = 0
        let own = labels.map { ($0.key, $0.value) }
        for (index, count) in histogram.counts.enumerated() {
            cumulative += count
            let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
            let pairs = (own + [("le", bound)]).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
            text += "\(name)_bucket{\(pairs.joined(separator: ","))} \(cumulative)\n"
        }
        sample(labels, value: histogram.sum, suffix: "_sum")
        sample(labels, value: Double(histogram.count), suffix: "_count")
    }

    /// Whole numbers without a fraction, as Prometheus itself writes them.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
