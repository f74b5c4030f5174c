import ReloadQueue

extension ModelSettings {
    /// The settings that decide when this model loads, as the configuration would write them: for people who look at a
    /// running service.
    package var summary: [String: String] {
        var summary = [
            "max_wait": DurationText.text(policy.maxWait),
            "min_interval": DurationText.text(policy.minInterval),
            "confirm": policy.confirm.rawValue,
            "load_timeout": DurationText.text(policy.options.timeout),
        ]
        switch policy.start {
        case .debounce(let quiet): summary["debounce"] = DurationText.text(quiet)
        case .loadCost(let cost): summary["load_cost"] = DurationText.text(cost)
        }
        summary["complete_load_above"] = policy.options.completeLoadAbove.map { "\($0)" }
        return summary
    }
}
