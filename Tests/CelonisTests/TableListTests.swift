import Celonis
import Testing
import Vocabulary

@Suite("Names to ids")
struct TableListTests {
    private let list = TableList([
        ModelTable(id: "1", name: "EKKO", dataSourceID: "sap"), ModelTable(id: "2", name: "EKPO", dataSourceID: "sap"),
        ModelTable(id: "3", name: "RAW", aliasOrName: "ORDERS"), ModelTable(id: "4", name: "RAW", aliasOrName: "ITEMS"),
        ModelTable(id: "5", name: "TWICE"), ModelTable(id: "6", name: "TWICE"),
        ModelTable(id: "EKKO2", name: "x"), ModelTable(id: "8", name: "EKKO2"),
    ])

    private func plan(
        _ names: [String],
        unknown: UnknownTables = .fail,
        _ options: LoadOptions = LoadOptions(completeLoadAbove: nil)
    ) -> LoadPlan {
        list.plan(for: SelectorSet(names.map { Selector($0) }, unknown: unknown), options: options)
    }

    private func ids(_ plan: LoadPlan) -> [String] {
        if case .partial(let tables) = plan.target { tables.map(\.id) } else { [] }
    }

    @Test("By id first, then aliasOrName, then name")
    func order() {
        #expect(ids(plan(["EKKO2"])) == ["EKKO2"])
        #expect(ids(plan(["ORDERS"])) == ["3"])
        #expect(ids(plan(["2"])) == ["2"])
    }

    @Test("Q14: each id once, in an order that does not depend on how it was named")
    func once() {
        #expect(ids(plan(["EKPO", "1", "EKKO", "2", "data_source:sap"])) == ["1", "2"])
        #expect(TableList(list.tables.reversed()) == list)
        #expect(TableList(list.tables + list.tables) == list)
    }

    @Test(
        "Two matches are an error that names both, whatever the rule says of unknown names",
        arguments: ["RAW", "TWICE"]
    )
    func ambiguous(name: String) {
        let plan = plan([name, "EKKO"], unknown: .ignore)
        #expect(ids(plan) == ["1"])
        #expect(plan.unknown.map(\.policy) == [.fail])
        let wanted = name == "RAW" ? "RAW (id 4) and RAW (id 3)" : "TWICE (id 5) and TWICE (id 6)"
        #expect(plan.unknown[0].reason == "\"\(name)\" is ambiguous: \(wanted)")
    }

    @Test("An unknown name keeps its rule's policy and comes with the nearest names")
    func unknown() {
        let plan = plan(["ekko"], unknown: .ignore)
        #expect(plan.target == .nothing)
        #expect(plan.unknown[0].policy == .ignore)
        #expect(plan.unknown[0].reason.hasPrefix("the model has no table \"ekko\"; did you mean \"EKKO\" or "))
        #expect(self.plan(["zzzzzz"]).unknown[0].reason == "the model has no table \"zzzzzz\"")
        #expect(self.plan(["data_source:no"]).unknown[0].reason.contains("\"no\""))
    }

    @Test("A name of a mebibyte gives a short reason, at once")
    func longName() {
        #expect(plan([String(repeating: "x", count: 1 << 20)]).unknown[0].reason.utf8.count < 200)
    }

    @Test("`reload_together` sets that touch each other join; unknown names in them add nothing")
    func together() {
        let options = LoadOptions(
            reloadTogether: [["ITEMS", "ORDERS"], ["EKKO", "ITEMS", "nowhere", "RAW"], ["5", "6"]],
            completeLoadAbove: nil
        )
        #expect(ids(plan(["EKKO"], options)) == ["1", "4", "3"])
        #expect(plan(["EKKO"], options).selectors(naming: list.matches("ORDERS")[0]) == [.table("ORDERS")])
    }

    @Test(
        "At or above its share a partial load becomes a complete one",
        arguments: [(0.25, true), (0.26, false), (1, false)]
    )
    func share(limit: Double, isComplete: Bool) {
        let plan = plan(["EKKO", "EKPO"], LoadOptions(completeLoadAbove: limit))
        #expect((plan.target == .complete) == isComplete)
        #expect(plan.names == (isComplete ? ["*"] : ["EKKO", "EKPO"]))
    }

    @Test("A table needs only its id; null and unknown fields do no harm")
    func decoding() {
        let body = #"[{"id":"a"},{"id":"b","name":"N","alias":null,"aliasOrName":"A","dataSourceId":null,"new":[1]}]"#
        #expect(
            TableList(body: Array(body.utf8))
                == TableList([ModelTable(id: "a", name: "a"), ModelTable(id: "b", name: "N", aliasOrName: "A")])
        )
        #expect(TableList(body: Array("{}".utf8)) == nil)
        #expect(TableList(body: Array("[]".utf8))?.tables == [])
    }
}
