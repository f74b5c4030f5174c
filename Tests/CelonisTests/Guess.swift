import Celonis
import CelonisSimulator
import Pairwise
import ReloadQueue
import Testing
import Vocabulary

/// One answer to every question that the API leaves open (docs/celonis.md), and one of the circumstances under which the
/// program may meet it.
struct Guess: Sendable, CustomTestStringConvertible {
    /// Who else loads the model.
    enum Others: Sendable, CaseIterable {
        case nobody
        case nowAndThen
        /// Somebody whose load begins between our last look and our POST.
        case justBeforeOurPOST
    }

    /// What the tables' list does.
    enum List: Sendable, CaseIterable {
        case stays
        /// All tables are removed and added again, with other ids.
        case getsNewIDs
    }

    var simulated = SimulatorConfiguration()
    var credentials = Bench.client
    var confirm = ModelPolicy.Confirm.bestEffort
    var others = Others.nobody
    var list = List.stays
    private var words: [String] = []

    var testDescription: String { words.joined(separator: ", ") }

    private typealias Answer = (word: String, apply: @Sendable (inout Guess) -> Void)

    /// Every two answers to different questions meet in one of these.
    static let all = pairwiseRows(questions.map(\.count)).map { row in
        var guess = Guess()
        for (question, answer) in zip(questions, row) {
            guess.words.append(question[answer].word)
            question[answer].apply(&guess)
        }
        guess.leaveOutWhatNobodyCouldTell()
        return guess
    }

    private static func answers<Value: Sendable>(
        _ name: String,
        _ values: some Sequence<Value>,
        _ apply: @escaping @Sendable (inout Guess, Value) -> Void
    ) -> [Answer] {
        values.map { value in ("\(name) \(value)", { apply(&$0, value) }) }
    }

    private static func behaviour<Value: Sendable>(
        _ name: String,
        _ values: some Sequence<Value>,
        _ path: any WritableKeyPath<SimulatedBehaviour, Value> & Sendable
    ) -> [Answer] {
        answers(name, values) { $0.simulated.behaviour[keyPath: path] = $1 }
    }

    private static let questions: [[Answer]] = [
        behaviour("second", SimulatedBehaviour.SecondTrigger.allCases, \.secondTrigger),
        behaviour(
            "without",
            [
                [], ["dataLoadId", "currentExecutionId"], ["startDate"], ["dataLoadId", "startDate"],
                ["endDate", "message", "dataModelId", "loadType"],
            ],
            \.omittedFields
        ),
        behaviour("dates", SimulatedBehaviour.Dates.allCases, \.dates),
        behaviour("never", SimulatedBehaviour.NeverLoaded.allCases, \.neverLoaded),
        behaviour("ahead", [0, 7, -7, 3600].map { Duration.seconds($0) }, \.dateLead),
        behaviour("dated", [true, false], \.datedAnswers),
        behaviour("stale", [0, 15].map { Duration.seconds($0) }, \.staleTime),
        behaviour("running", ["RUNNING", "LOST_CONNECTION", "CANCELLING"], \.runningStatus),
        behaviour("accepted", SimulatedBehaviour.Accepted.allCases, \.accepted),
        behaviour("errors", SimulatedBehaviour.Errors.allCases, \.errors),
        behaviour("expires", SimulatedBehaviour.Lifetime.allCases, \.lifetime),
        behaviour("no cache", SimulatedBehaviour.WithoutCache.allCases, \.withoutCache),
        behaviour("poison", [[], ["table-ekpo"]], \.rejectedTables),
        answers("end", ["SUCCESS", "ERROR", "WARNING", "CANCELED", "DONE"]) { guess, status in
            guess.simulated.models[0].outcomes = Array(repeating: SimulatedOutcome(status), count: 2)
        },
        answers("takes", [5, 40, 300]) { $0.simulated.models[0].loadTime = .seconds($1) },
        answers("before", [false, true]) { guess, hasJob in
            guess.simulated.models[0].dataJob = hasJob ? SimulatedDataJob(runTime: .seconds(20)) : nil
        },
        answers("faults", [false, true]) { $0.simulated.faults = $1 ? faults : [] },
        answers("confirm", ModelPolicy.Confirm.allCases) { $0.confirm = $1 },
        answers("others", Others.allCases) { $0.others = $1 },
        answers("list", List.allCases) { $0.list = $1 },
        answers(
            "as",
            [
                Bench.client, .applicationKey(Secret("demo-application-key")), .apiKey(Secret("demo-api-key")),
                .oauthClient(id: "demo-client", secret: Secret("demo-secret"), authentication: .form),
            ]
        ) { $0.credentials = $1 },
        answers("token", [100, 900]) { $0.simulated.credentials.tokenLifetime = .seconds($1) },
        answers("seed", [UInt64(1), 2]) { $0.simulated.seed = $1 },
    ]

    /// They meet a fifth of all calls.
    private static let faults: [Fault] = [
        Fault(.reset, endpoint: .partialSync, count: nil, share: 0.1),
        Fault(.reset, endpoint: .partialSync, count: nil, share: 0.1, processed: true),
        Fault(endpoint: .partialSync, count: nil, share: 0.1, processed: true, status: 504),
        Fault(.reset, endpoint: .executeDataJob, count: nil, share: 0.1, processed: true),
        Fault(endpoint: .lastLoad, count: nil, share: 0.04, status: 200, body: "?"),
        Fault(.reset, count: nil, share: 0.04),
        Fault(count: nil, share: 0.04, status: 502, body: "<html><title>Bad Gateway</title></html>"),
        Fault(count: nil, share: 0.02, status: 503, headers: ["retry-after": "Fri, 15 Jan 2027 08:00:00 GMT"]),
        Fault(count: nil, share: 0.02, status: 429, headers: ["retry-after": "7"]),
        Fault(count: nil, share: 0.02, status: 429, headers: ["x-ratelimit-reset": "3"]),
        Fault(count: nil, share: 0.01, status: 408),
        Fault(count: nil, share: 0.01, status: 401),
        Fault(count: nil, share: 0.01, status: 403),
    ]

    /// Where Celonis shows nothing by which to tell, the program says so and does what `confirm` says (queue.md Q22, Q29);
    /// docs/celonis.md lists these. They have tests of their own.
    private mutating func leaveOutWhatNobodyCouldTell() {
        let omitted = simulated.behaviour.omittedFields
        let isAnonymous = omitted.contains("dataLoadId") && omitted.contains("startDate")
        // A load that shows neither id nor start is known only by being seen in progress.
        if isAnonymous { simulated.models[0].loadTime = .seconds(300) }
        // Whose a load is that began beside our POST, only its start on Celonis's own clock can tell.
        let startsTell =
            !omitted.contains("startDate") && simulated.behaviour.datedAnswers
            && simulated.behaviour.dateLead == .zero && ![.local, .seconds].contains(simulated.behaviour.dates)
        if simulated.behaviour.secondTrigger == .ignored, !startsTell, others == .justBeforeOurPOST {
            others = .nowAndThen
        }
        // A status that nobody knows is waited out under `required`: until somebody makes another load.
        if confirm == .required { simulated.models[0].outcomes.removeAll { $0.status == "DONE" } }
    }

    var policy: ModelPolicy {
        var options = LoadOptions()
        options.before = simulated.models[0].dataJob.map { DataJob(id: $0.id) }
        return ModelPolicy(
            start: .debounce(.seconds(20)),
            maxWait: .seconds(120),
            confirm: confirm,
            retry: ModelPolicy.Retry(initial: .seconds(5), maximum: .seconds(60)),
            options: options
        )
    }

    /// Whether a change may end in a failed job that names it: a person canceled the load, or Celonis will not load it.
    func mayFail(_ table: String) -> Bool {
        simulated.behaviour.withoutCache == .rejected
            || simulated.behaviour.rejectedTables.contains("table-" + table.lowercased())
            || simulated.models[0].outcomes.contains { $0.status == "CANCELED" }
    }
}
