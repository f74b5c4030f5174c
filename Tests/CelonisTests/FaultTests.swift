import Celonis
import CelonisSimulator
import Testing
import Vocabulary

@Suite("Faults over real sockets")
struct FaultTests {
    @Test("Q28: a POST that was reset before it arrived is sent again only after start_within")
    func resetBefore() async throws {
        try await withBench { bench in
            bench.simulator.inject(Fault(.reset, endpoint: .partialSync))
            let end = await bench.run(["EKKO"]).end
            guard case .failed(.unanswered(let text)) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(text.contains("partial-sync got no answer"))
            #expect(bench.clock.now().monotonic >= MonotonicTime(nanoseconds: 120_000_000_000))
            #expect(bench.loads == [])
        }
    }

    @Test("Q1, Q28: a POST that was answered by nobody but started a load ends start_within after that load")
    func resetAfter() async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.staleTime = .seconds(30)
        simulated.models[0].loadTime = .seconds(200)
        for fault in [Fault(.reset, processed: true), Fault(.answer, processed: true, status: 502)] {
            try await withBench(simulated) { bench in
                var fault = fault
                fault.endpoint = .partialSync
                bench.simulator.inject(fault)
                guard case .failed(.unanswered) = await bench.run(["EKKO"]).end else {
                    Issue.record("not unanswered")
                    return
                }
                #expect(bench.clock.now().monotonic >= MonotonicTime(nanoseconds: 320_000_000_000))
                #expect(bench.loads == [["EKKO"]])
            }
        }
    }

    /// Runs until it ends like that, or twenty times: under a time limit that a test can wait for, a busy machine may
    /// fail any call.
    private func end(_ bench: Bench, until isMeant: (LoadEnd) -> Bool) async -> LoadEnd {
        for _ in 1..<20 {
            let end = await bench.run(["EKKO"]).end
            if isMeant(end) { return end }
        }
        return await bench.run(["EKKO"]).end
    }

    @Test("A POST that hangs, and one whose answer drips, end after request_timeout")
    func hang() async throws {
        try await withBench(requestTimeout: .seconds(2)) { bench in
            bench.simulator.inject(Fault(.hang, endpoint: .partialSync))
            let end = await end(bench) { _ in bench.simulator.report.callCounts[.partialSync] != nil }
            guard case .failed(.unanswered(let text)) = end else {
                Issue.record("not unanswered")
                return
            }
            #expect(text.contains("none within 2 s"))
            bench.simulator.inject(Fault(.slow, endpoint: .tables, interval: .milliseconds(50)))
            await #expect(throws: LoadFailure.self) { try await bench.client.tables(of: Bench.model) }
        }
    }

    @Test("A key that cannot stand in a header is not quoted in the error")
    func unsendableKey() async throws {
        try await withBench(credentials: .apiKey(Secret("two\nlines"))) { bench in
            guard case .failed(let failure) = await bench.client.look(at: Bench.model) else {
                Issue.record("sent")
                return
            }
            #expect(!failure.message.contains("two") && !failure.message.contains("lines"))
        }
    }

    @Test(
        "Q28: a web page in answer to the POST is not Celonis's, so never an accepted load",
        arguments: [
            ("text/html; charset=utf-8", "<!DOCTYPE html><html><title>Sign in</title></html>", "(Sign in)"),
            (nil, "\u{FEFF}\r\n<html><body>Proxy error</body></html>", "(Proxy error)"),
            ("application/xhtml+xml", "<p/>", "(<p/>)"),
            ("application/json", "<?xml version='1.0'?><fault/>", "(<?xml version='1.0'?><fault/>)"),
        ] as [(String?, String, String)]
    )
    func pageForPost(type: String?, body: String, told: String) async throws {
        try await withBench { bench in
            let headers = type.map { ["content-type": $0] } ?? [:]
            bench.simulator.inject(Fault(endpoint: .partialSync, status: 200, headers: headers, body: body))
            guard case .failed(.unanswered(let text)) = await bench.run(["EKKO"]).end else {
                Issue.record("accepted")
                return
            }
            #expect(text.contains("load/partial-sync was answered with a web page \(told)"))
            #expect(bench.clock.now().monotonic >= MonotonicTime(nanoseconds: 120_000_000_000))
            #expect(await bench.run(["EKKO"]).end == .succeeded)
        }
    }

    @Test(
        "A 2xx to the POST that is no page is Celonis's, with or without a body",
        arguments: [
            (200, "text/html", ""), (204, "text/html", ""), (202, "text/html", " \n"), (200, "text/plain", "accepted"),
            (200, "text/html;charset=utf-8", "Accepted"), (200, "text/html", #"{"status":"ok"}"#),
            (201, "application/json", #"{"html":"<html>"}"#),
        ]
    )
    func noPage(status: Int, type: String, body: String) async throws {
        try await withBench { bench in
            bench.simulator.inject(
                Fault(
                    endpoint: .partialSync,
                    processed: true,
                    status: status,
                    headers: ["content-type": type],
                    body: body
                )
            )
            #expect(await bench.run(["EKKO"]).end == .succeeded)
        }
    }

    @Test("A web page in answer to a token or table request is told as such and tried again", arguments: [true, false])
    func pageForOthers(token: Bool) async throws {
        try await withBench { bench in
            let endpoint = token ? SimulatedEndpoint.token : .tables
            bench.simulator.inject(Fault(endpoint: endpoint, status: 200, body: "<html><title>Sign in</title></html>"))
            guard case .failed(.transient(let text, retryAfter: nil)) = await bench.run(["EKKO"]).end else {
                Issue.record("not transient")
                return
            }
            #expect(text.contains("was answered with a web page (Sign in), which is not Celonis's: check base_url"))
        }
    }

    @Test("A 2xx to the POST is an answer, although its body never ends")
    func endlessBody() async throws {
        try await withBench(requestTimeout: .seconds(2)) { bench in
            bench.simulator.inject(
                Fault(.slow, endpoint: .partialSync, count: nil, padding: 1000, interval: .seconds(1))
            )
            #expect(await end(bench) { $0 == .succeeded } == .succeeded)
        }
    }

    @Test("A token that ended in Celonis's eyes is renewed once, and the call made again")
    func renewal() async throws {
        try await withBench { bench in
            _ = await bench.client.look(at: Bench.model)
            bench.simulator.endTokens()
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.simulator.report.callCounts[.token] == 2)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("A token is renewed before its end, however long a load is watched")
    func expiry() async throws {
        var simulated = SimulatorConfiguration()
        simulated.models[0].loadTime = .seconds(4000)
        try await withBench(simulated) { bench in
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.simulator.report.callCounts[.token] == 5)
            #expect(!bench.simulator.report.calls.contains { $0.status == 401 })
        }
    }

    @Test("However many calls need a token, one renewal is in flight")
    func oneRenewal() async throws {
        try await withBench { bench in
            await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { _ = await bench.client.look(at: Bench.model) } }
            }
            #expect(bench.simulator.report.callCounts[.token] == 1)
            #expect(bench.simulator.report.callCounts[.lastLoad] == 20)
        }
    }

    @Test("However many want a table list, one request is in flight")
    func oneTableRequest() async throws {
        try await withBench { bench in
            bench.simulator.inject(Fault(.pass, endpoint: .tables, delay: .milliseconds(100)))
            await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { _ = try? await bench.client.tables(of: Bench.model) } }
            }
            #expect(bench.simulator.report.callCounts[.tables] == 1)
        }
    }

    @Test(
        "Each kind of credentials gets in",
        arguments: [
            Credentials.applicationKey(Secret("demo-application-key")), .apiKey(Secret("demo-api-key")), Bench.client,
            .oauthClient(id: "demo-client", secret: Secret("demo-secret"), authentication: .form),
        ]
    )
    func credentials(_ credentials: Credentials) async throws {
        var simulated = SimulatorConfiguration()
        if case .oauthClient(_, _, let authentication) = credentials {
            simulated.credentials.clientAuthentication = authentication == .basic ? .basic : .form
        }
        try await withBench(simulated, credentials: credentials) { bench in
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test(
        "Refused credentials are told from every other failure",
        arguments: [
            Credentials.applicationKey(Secret("wrong")), .apiKey(Secret("wrong")),
            .oauthClient(id: "demo-client", secret: Secret("wrong"), authentication: .basic),
        ]
    )
    func refused(_ credentials: Credentials) async throws {
        try await withBench(credentials: credentials) { bench in
            guard case .failed(.credentialsRefused(let text)) = await bench.client.look(at: Bench.model) else {
                Issue.record("not refused")
                return
            }
            #expect(text.hasPrefix("Celonis answered 401 to"))
            guard case .failed(.credentialsRefused) = await bench.run(["EKKO"]).end else {
                Issue.record("not refused")
                return
            }
        }
    }

    @Test("A pool that refuses is told with Celonis's reason")
    func forbidden() async throws {
        var simulated = SimulatorConfiguration()
        simulated.credentials.forbiddenPools = ["demo-pool"]
        try await withBench(simulated) { bench in
            guard case .failed(.poolForbidden(let text)) = await bench.client.look(at: Bench.model) else {
                Issue.record("not forbidden")
                return
            }
            #expect(text.hasSuffix("No EDIT permission on data pool; error.permission"))
        }
    }

    @Test("Q18: 429 with x-ratelimit-reset is a lower bound, at the POST and while polling")
    func rateLimit() async throws {
        try await withBench { bench in
            let limit = ["x-ratelimit-reset": "45"]
            bench.simulator.inject(Fault(endpoint: .partialSync, status: 429, headers: limit))
            guard case .failed(.transient(_, retryAfter: .seconds(45))) = await bench.run(["EKKO"]).end else {
                Issue.record("no lower bound")
                return
            }
            bench.simulator.inject(Fault(endpoint: .lastLoad, skip: 1, status: 429, headers: limit))
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.clock.now().monotonic == MonotonicTime(nanoseconds: 47_000_000_000))
        }
    }

    @Test("A redirect is not followed, and our credentials go nowhere else")
    func redirect() async throws {
        try await withBench { other in
            try await withBench { bench in
                let location = ["location": other.simulator.baseURL + "/elsewhere"]
                bench.simulator.inject(Fault(endpoint: .lastLoad, status: 302, headers: location))
                guard case .failed(.transient(let text, retryAfter: nil)) = await bench.client.look(at: Bench.model)
                else {
                    Issue.record("followed")
                    return
                }
                #expect(text.contains("a redirect to \(other.simulator.baseURL)/elsewhere, which is not followed"))
                #expect(other.simulator.report.violations == [])
            }
        }
    }

    @Test("An answer larger than its bound is not read to its end")
    func oversized() async throws {
        try await withBench { bench in
            bench.simulator.setBehaviour { $0.neverLoaded = .null }
            bench.simulator.inject(Fault(.pass, endpoint: .lastLoad, padding: 2 << 20))
            guard case .failed(.transient(let text, retryAfter: nil)) = await bench.client.look(at: Bench.model) else {
                Issue.record("read")
                return
            }
            #expect(text.contains("larger than 1 MiB"))
        }
    }

    @Test("Q29: just before the POST, too, a last-load that is not understood is waited out where that is asked for")
    func notUnderstoodBeforePost() async throws {
        for waits in [false, true] {
            try await withBench { bench in
                bench.simulator.inject(Fault(endpoint: .lastLoad, status: 200, body: "<html>"))
                let result = await bench.run(["EKKO"], options: LoadOptions(waitsUntilUnderstood: waits))
                if waits {
                    guard case .failed(.busy(let why, _)) = result.end else {
                        Issue.record("\(result)")
                        return
                    }
                    #expect(why.contains("it could not be seen whether a load is running"))
                    #expect(bench.loads.isEmpty)
                } else {
                    #expect(bench.loads.count == 1)
                }
            }
        }
    }

    @Test(
        "Q29: an answer that is not understood is told as such",
        arguments: ["<html>Welcome</html>", "[]", "{}", "17"]
    )
    func notUnderstood(body: String) async throws {
        try await withBench { bench in
            bench.simulator.inject(Fault(endpoint: .lastLoad, count: nil, status: 200, body: body))
            guard case .notUnderstood(let text) = await bench.client.look(at: Bench.model) else {
                Issue.record("understood")
                return
            }
            #expect(text.contains(body.hasPrefix("<") ? "a web page (Welcome)" : "last-load "))
            guard case .unconfirmed = await bench.run(["EKKO"]).end else {
                Issue.record("confirmed")
                return
            }
        }
    }

    @Test("Nobody listens: transient, and not a POST without an answer")
    func nobodyListens() async throws {
        try await withBench { bench in
            let address = bench.simulator.baseURL
            await bench.simulator.shutdown()
            guard case .failed(.transient(let text, retryAfter: nil)) = await bench.client.look(at: Bench.model) else {
                Issue.record("\(address) still answers")
                return
            }
            #expect(text.contains("POST /oauth2/token"))
        }
    }

    @Test("S7: what Celonis quotes of our credentials is redacted, and no log line holds them")
    func redaction() async throws {
        try await withBench { bench in
            _ = await bench.client.look(at: Bench.model)
            let echo =
                #"{"message":"Bearer token-1 of demo-client:demo-secret \/ ZGVtby1jbGllbnQ6ZGVtby1zZWNyZXQ= is bad"}"#
            bench.simulator.inject(Fault(endpoint: .lastLoad, status: 500, body: echo))
            guard case .failed(let failure) = await bench.client.look(at: Bench.model) else {
                Issue.record("no failure")
                return
            }
            #expect(failure.message.hasSuffix("Bearer [redacted] of demo-client:[redacted] / [redacted] is bad"))
            for line in bench.logs.lines {
                #expect(!line.contains("token-1") && !line.contains("secret") && !line.contains("ZGVtby1"))
            }
        }
    }

    @Test("Every call is one debug line, and carries our User-Agent")
    func logging() async throws {
        try await withBench { bench in
            _ = await bench.run(["EKKO"])
            let report = bench.simulator.report
            #expect(bench.logs.lines.count == report.callCounts.values.reduce(0, +))
            #expect(report.calls.allSatisfy { $0.userAgent == "reloader/1.2.3" })
            let path = "/integration/api/v1/data-pools/demo-pool/data-models/demo-model/load/partial-sync"
            #expect(
                bench.logs.lines.filter { $0.contains("partial-sync") } == [
                    "debug Celonis call celonis.attempt=1 celonis.duration=0.0 celonis.method=POST celonis.path=\(path) "
                        + "celonis.status=200 job=\(JobID(rawValue: 7)) job.attempt=2"
                ]
            )
        }
    }
}
