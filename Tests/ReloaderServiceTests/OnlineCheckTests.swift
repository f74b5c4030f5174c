import Celonis
import ReloaderService
import Settings
import Testing
import Vocabulary

@Suite("check --online")
struct OnlineCheckTests {
    private static let text = """
        celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: env:KEY } }
        models:
          otc:
            pool_id: p
            data_model_id: d
            wait_for_all: [{ tables: [EKKO, W1] }]
            reload_together: [[EKPO, T1]]
          p2p: { pool_id: p, data_model_id: e }
        sources: { etl: { signature: { bearer: true }, secrets: [env:S] } }
        rules:
          - name: fixed
            source: etl
            reload: { model: otc, tables: [EKKO, EKPPO, TWICE, all, table-id] }
          - name: mapped
            source: etl
            reload:
              - model: p2p
                tables:
                  from: $.table
                  unknown: ignore
                  map: { a: LFA1, b: LFA2 }
              - { model: p2p, tables: { data_source: sap } }
              - { model: p2p, tables: [data_source:sapp, '*'] }
        tests:
          - { name: t, source: etl, body: {}, expect: [{ model: otc, tables: [GONE] }, { model: p2p, tables: [GONE] }] }
        """

    private static let tables: [String: OnlineCheck.Answer] = [
        "otc": .success(
            TableList([
                ModelTable(id: "table-id", name: "EKKO"), ModelTable(id: "2", name: "EKPO"),
                ModelTable(id: "3", name: "X", aliasOrName: "TWICE"),
                ModelTable(id: "4", name: "Y", aliasOrName: "TWICE"),
            ])
        ),
        "p2p": .success(TableList([ModelTable(id: "5", name: "LFA1", dataSourceID: "sap")])),
    ]

    private func findings(_ answers: [String: OnlineCheck.Answer]) throws -> OnlineCheck {
        let loaded = SettingsLoader.load(text: Self.text, file: "f", secrets: nil)
        return OnlineCheck(try #require(loaded.configuration, "\(loaded.diagnostics)"), answers: answers)
    }

    @Test("names every table that does not exist, at its place, with the nearest names")
    func unknownNames() throws {
        let check = try findings(Self.tables)
        #expect(
            check.diagnostics.map(\.description) == [
                "f:6:37: error: model \"otc\" has no table \"W1\"\n    hint: it has EKKO, EKPO, TWICE, TWICE",
                "f:7:30: error: model \"otc\" has no table \"T1\"\n    hint: it has EKKO, EKPO, TWICE, TWICE",
                "f:13:42: error: model \"otc\" has no table \"EKPPO\"\n    hint: did you mean \"EKPO\"?",
                "f:13:49: error: \"TWICE\" means 2 tables of model \"otc\"\n    hint: write the id: 3 (X) or 4 (Y)",
                "f:13:56: error: model \"otc\" has no table \"all\"\n    hint: it has EKKO, EKPO, TWICE, TWICE",
                "f:21:30: warning: model \"p2p\" has no table \"LFA2\"\n    hint: did you mean \"LFA1\"?",
                "f:23:32: error: no table of model \"p2p\" is fed by the data connection \"sapp\"\n"
                    + "    hint: its tables are fed by sap",
                "f:25:71: error: model \"otc\" has no table \"GONE\"\n    hint: it has EKKO, EKPO, TWICE, TWICE",
                "f:25:103: warning: model \"p2p\" has no table \"GONE\"\n    hint: it has LFA1",
            ]
        )
        #expect(check.tableCount == 5)
        #expect(!check.couldNotAsk)
    }

    @Test("one model's failure does not hide another's names, and each says what to do")
    func failures() throws {
        var answers = Self.tables
        answers["p2p"] = .failure(.poolForbidden("Celonis answered 403 to GET /x"))
        let forbidden = try findings(answers).diagnostics
        #expect(forbidden.contains { $0.message.contains("EKPPO") })
        let refusal = try #require(forbidden.first { $0.message.contains("403") })
        #expect(refusal.place == Place(line: 8, column: 3))
        #expect(refusal.hint?.contains("Edit permission") == true)

        answers["p2p"] = .failure(.permanent("Celonis answered 404 to GET /x"))
        #expect(try findings(answers).diagnostics.contains { $0.hint?.contains("pool_id and data_model_id") == true })
    }

    @Test("refused credentials are one error, at celonis.auth")
    func credentials() throws {
        let check = try findings([
            "otc": .failure(.credentialsRefused("Celonis answered 401 to GET /integration/api/a")),
            "p2p": .failure(.credentialsRefused("Celonis answered 401 to GET /integration/api/b")),
        ])
        #expect(check.diagnostics.map(\.place) == [Place(line: 1, column: 56)])
        #expect(!check.couldNotAsk)
    }

    @Test("where Celonis only gives no answer, nothing is known to be wrong")
    func noAnswer() throws {
        var answers = Self.tables.mapValues { _ in OnlineCheck.Answer.failure(.transient("timeout", retryAfter: nil)) }
        let check = try findings(answers)
        #expect(check.diagnostics.count == 2)
        #expect(check.couldNotAsk)
        answers["otc"] = Self.tables["otc"]
        #expect(try !findings(answers).couldNotAsk, "a wrong name is known")
    }
}
