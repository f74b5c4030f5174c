// What it costs to read an event and find the rules that match it, beside JSONSerialization reading the same bytes; and
// how that grows with the rules of one source.
import Foundation
import JSONPath
import Measuring
import Rules
import Vocabulary

/// An event as Fivetran sends it, of exactly this many bytes.
func event(_ size: Int) -> [UInt8] {
    let start =
        Array(
            #"{"event":"sync_end","created":"2024-11-05T06:18:56.521Z","connector_type":"sap_hana","connector_id":"gentle_yak","#
                .utf8
        )
        + Array(
            #""connector_name":"sap_production_erp_financials","sync_id":"65dd5ba2-6a3e-4b2f-9a3c-1f2e3d4c5b6a","data":{"#
                .utf8
        ) + Array(#""status":"SUCCESSFUL","reason":""#.utf8)
    let end = Array(#""}}"#.utf8)
    return start + [UInt8](repeating: UInt8(ascii: "x"), count: size - start.count - end.count) + end
}

/// So many rules of one source, of which one matches the event.
func rules(_ count: Int) throws -> RuleSet {
    let rules = try (0..<count).map { number in
        let connector = number == count / 2 ? "gentle_yak" : "connector_\(number)"
        let tests = try [("$.event", "sync_end"), ("$.data.status", "SUCCESSFUL"), ("$.connector_id", connector)].map {
            Condition.test(try Subject($0), .value([.equals(Scalar($1))]))
        }
        return Rule(
            name: "rule-\(number)",
            sources: ["fivetran"],
            condition: .all(tests),
            reloads: [Reload(model: "order-to-cash", tables: .fixed([.table("EKKO"), .table("EKPO")]))]
        )
    }
    return RuleSet(rules, testDeliveries: ["fivetran": .fivetran])
}

let body = event(403)
let data = Data(body)
let headers = HeaderList()
nonisolated(unsafe) var parser = JSONParser()

func match(_ rules: RuleSet) -> Candidate {
    Candidate("match") {
        let count = try? parser.parse(body) {
            rules.match(source: "fivetran", root: $0, headers: headers).changes.count
        }
        guard count == 1 else { fatalError("one rule matches") }
    }
}

let costs = measure(
    [
        match(try rules(20)), match(try rules(10)), match(try rules(10_000)),
        Candidate("parse") {
            guard (try? parser.parse(body) { $0.count }) == 7 else { fatalError("not JSON") }
        },
        Candidate("JSONSerialization") {
            guard (try? JSONSerialization.jsonObject(with: data)) != nil else { fatalError("not JSON") }
        },
    ],
    runs: 500
)
report(
    "\(body.count) B, 20 rules",
    [
        "parse_match_ns": fixed(costs[0].nanoseconds, 0), "parse_ns": fixed(costs[3].nanoseconds, 0),
        "JSONSerialization_ns": fixed(costs[4].nanoseconds, 0),
        "ratio": fixed(costs[0].nanoseconds / costs[4].nanoseconds, 3), "allocations": fixed(costs[0].allocations, 1),
    ]
)
let growth = (costs[2].nanoseconds - costs[3].nanoseconds) / (costs[1].nanoseconds - costs[3].nanoseconds)
report(
    "matching alone",
    [
        "10_rules_ns": fixed(costs[1].nanoseconds - costs[3].nanoseconds, 0),
        "10000_rules_ns": fixed(costs[2].nanoseconds - costs[3].nanoseconds, 0), "ratio": fixed(growth, 2),
    ]
)
require(costs[0].nanoseconds <= 3000, "parse and match with 20 rules: at most 3 µs")
require(growth <= 2, "matching against 10,000 rules costs at most twice that of 10")
end()
