import Pairwise
import Vocabulary

@testable import ReloadQueue

/// The configurations that random sequences run under: every two values of different settings meet in some row.
enum Variants {
    static let rows = pairwiseRows([4, 4, 3, 3, 2, 2, 2, 2]).map(policy)

    /// A configuration of three models, one of which it may lack, each with one of the rows.
    static func settings(_ variant: Int) -> (settings: QueueSettings, rows: [Int?]) {
        var chosen: [Int?] = Step.models.indices.map { (variant * 7 + $0 * 5 + variant / rows.count) % rows.count }
        if variant % 4 == 3 { chosen[variant % 3] = nil }
        var models: [ModelReference: ModelPolicy] = [:]
        for (model, row) in zip(Step.models, chosen) { models[model] = row.map { rows[$0] } }
        let settings = QueueSettings(
            models: models,
            maxConcurrentLoads: 1 + variant % 3,
            history: 1000,
            breakerProbeInterval: .seconds(10)
        )
        return (settings, chosen)
    }

    private static func policy(_ row: [Int]) -> ModelPolicy {
        let maxWait: Duration = [.seconds(12), .seconds(5), .seconds(40), .zero][row[1]]
        let starts: [ModelPolicy.Start] = [
            .debounce(min(.seconds(5), maxWait)), .loadCost(.seconds(10)), .debounce(.zero), .loadCost(.zero),
        ]
        let set = ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(6))
        let other = ModelPolicy.WaitForAll(tables: ["T2", "T3"], atMost: .seconds(15))
        let usual = ModelPolicy.Retry(giveUpAfter: .seconds(20), initial: .seconds(1), maximum: .seconds(8))
        return ModelPolicy(
            start: starts[row[0]],
            maxWait: maxWait,
            minInterval: [.zero, .seconds(3), .seconds(15)][row[2]],
            confirm: [.bestEffort, .required][row[4]],
            retry: [usual, ModelPolicy.Retry(giveUpAfter: .zero, initial: .zero, maximum: .zero)][row[5]],
            waitForAll: [[], [set], [set, other]][row[3]],
            options: LoadOptions(
                reloadTogether: [[], [["T1", "T4"]]][row[6]],
                completeLoadAbove: [nil, 0.5][row[7]]
            ),
            poll: ModelPolicy.Poll(initial: .seconds(1), maximum: .seconds(4))
        )
    }
}
