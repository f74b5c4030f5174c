import Admin
import Testing
import Vocabulary

@Suite("Metrics")
struct MetricsTests {
    private func lines(_ snapshot: ServiceSnapshot) -> [String] {
        metricsText(snapshot).split(separator: "\n").map(String.init)
    }

    @Test("every metric of product.md §4 is there, with its labels")
    func names() {
        let text = metricsText(sampleSnapshot())
        for sample in [
            #"reloader_deliveries_received_total{source="fivetran"} 14"#,
            #"reloader_deliveries_total{source="fivetran",outcome="accepted"} 10"#,
            #"reloader_deliveries_total{source="fivetran",outcome="too_large"} 1"#,
            #"reloader_deliveries_total{source="",outcome="not_found"} 4"#,
            #"reloader_changes_total{model="orders"} 3"#,
            #"reloader_loads_total{model="orders",kind="partial",outcome="succeeded"} 2"#,
            #"reloader_load_duration_seconds_bucket{model="orders",le="+Inf"} 0"#,
            #"reloader_freshness_seconds_count{model="orders"} 0"#,
            #"reloader_jobs{state="waiting"} 1"#,
            #"reloader_pending_tables{model="orders"} 1"#,
            #"reloader_oldest_change_seconds{model="orders"} 12.3"#,
            #"reloader_secret_last_used_timestamp_seconds{source="fivetran",position="0"} 999"#,
            "reloader_configuration_valid 1",
            #"reloader_build_info{version="0.1.0"} 1"#,
        ] {
            #expect(text.contains(sample + "\n"), "\(sample)")
        }
    }

    @Test("Q25: received is the sum of the outcomes")
    func received() {
        let snapshot = sampleSnapshot()
        #expect(snapshot.sources[0].received == snapshot.sources[0].outcomes.values.reduce(0, +))
    }

    @Test("each family has its HELP and TYPE once, before its samples")
    func families() {
        var announced: Set<String> = []
        for line in lines(sampleSnapshot()) {
            if line.hasPrefix("# TYPE ") {
                #expect(announced.insert(String(line.split(separator: " ")[2])).inserted, "\(line)")
            } else if !line.hasPrefix("#") {
                let name = String(line.prefix { $0 != "{" && $0 != " " })
                #expect(announced.contains { name == $0 || name.hasPrefix($0 + "_") }, "\(line)")
            }
        }
    }

    @Test("histogram buckets are cumulative")
    func histogram() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].freshness.record(.milliseconds(200))
        snapshot.queue.models[0].freshness.record(.seconds(3))
        let text = metricsText(snapshot)
        #expect(text.contains(#"reloader_freshness_seconds_bucket{model="orders",le="0.1"} 0"#))
        #expect(text.contains(#"reloader_freshness_seconds_bucket{model="orders",le="0.25"} 1"#))
        #expect(text.contains(#"reloader_freshness_seconds_bucket{model="orders",le="5"} 2"#))
        #expect(text.contains(#"reloader_freshness_seconds_bucket{model="orders",le="+Inf"} 2"#))
        #expect(text.contains(#"reloader_freshness_seconds_sum{model="orders"} 3.2"#))
    }

    @Test("Q24: a removed model and a new one of the same name are one series, the sum of both")
    func sameName() {
        var snapshot = sampleSnapshot()
        var removed = snapshot.queue.models[0]
        removed.model = ModelReference(
            name: removed.model.name,
            poolID: removed.model.poolID,
            dataModelID: "another"
        )
        removed.oldestChangeAge = .seconds(99)
        snapshot.queue.models.append(removed)
        let found = lines(snapshot).filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
        #expect(Set(found).count == found.count)
        let text = metricsText(snapshot)
        #expect(text.contains(#"reloader_changes_total{model="orders"} 6"#))
        #expect(text.contains(#"reloader_loads_total{model="orders",kind="partial",outcome="succeeded"} 4"#))
        #expect(text.contains(#"reloader_oldest_change_seconds{model="orders"} 99"#))
    }

    @Test("a silent source and what became of notifications are metrics; without expect_every there is no such series")
    func silence() {
        var snapshot = sampleSnapshot()
        #expect(!metricsText(snapshot).contains("reloader_source_silent{"))
        snapshot.sources[0].expectEvery = .seconds(60)
        snapshot.sources[0].quietFor = .seconds(60)
        #expect(metricsText(snapshot).contains("reloader_source_silent{source=\"fivetran\"} 0\n"))
        snapshot.sources[0].quietFor = .seconds(61)
        snapshot.notifications.delivered = 2
        snapshot.notifications.dropped = 1
        let text = metricsText(snapshot)
        #expect(text.contains("reloader_source_silent{source=\"fivetran\"} 1\n"))
        #expect(text.contains("reloader_notifications_total{outcome=\"delivered\"} 2\n"))
        #expect(text.contains("reloader_notifications_total{outcome=\"dropped\"} 1\n"))
    }

    @Test("breakers, drain and process are metrics")
    func service() {
        var snapshot = sampleSnapshot()
        let before = metricsText(snapshot)
        #expect(before.contains("reloader_breakers_open{scope=\"credentials\"} 0\n"))
        #expect(before.contains("reloader_draining 0\n"))
        #expect(!before.contains("\nprocess_resident_memory_bytes "), "no sample where the system does not tell")
        for pool in [nil, "a", "b"] {
            snapshot.queue.breakers.append(
                BreakerSnapshot(poolID: pool, since: WallTime(milliseconds: 0), message: "no")
            )
        }
        snapshot.queue.draining = true
        snapshot.process = ProcessSnapshot(cpuTime: .milliseconds(1500), residentBytes: 4096)
        let text = metricsText(snapshot)
        #expect(text.contains("reloader_breakers_open{scope=\"credentials\"} 1\n"))
        #expect(text.contains("reloader_breakers_open{scope=\"pool\"} 2\n"))
        #expect(text.contains("reloader_draining 1\n"))
        #expect(text.contains("process_cpu_seconds_total 1.5\n"))
        #expect(text.contains("process_resident_memory_bytes 4096\n"))
        #expect(text.contains("process_start_time_seconds 0\n"))
    }

    @Test("label values are escaped")
    func escaping() {
        var snapshot = sampleSnapshot()
        snapshot.sources[0].name = "a\"b\\c\nd"
        #expect(metricsText(snapshot).contains(#"{source="a\"b\\c\nd"}"#))
    }
}
