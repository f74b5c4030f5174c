import ReloadQueue
import Vocabulary

/// How many tables the loads of a model hold, as far as that can be told without Celonis.
///
/// A load of one table of a `reload_together` set holds all of the set; sets that touch each other are one. A complete
/// load holds every table that is known by name: from events, rules and settings; the model may have more, which is why
/// `complete_load_above` is not looked at. Names are taken as written, and a data connection for one table.
struct LoadSize: Sendable {
    /// Of a complete load.
    let everything: Int
    /// By selector, the set that loads with it.
    private var sets: [Int?]
    /// Of each set the number of its tables, and the load in which it was counted last.
    private var sizes: [Int] = []
    private var counted: [Int] = []
    private var load = 0

    /// Of one model's selectors, by number; `tables` are known beside its settings.
    init(_ selectors: [Selector: Int], tables: Set<String>, _ policy: ModelPolicy) {
        let together = Self.joined(policy.options.reloadTogether)
        everything = max(1, tables.union(together.joined()).union(policy.waitForAll.flatMap(\.tables)).count)
        sets = Array(repeating: nil, count: selectors.count)
        for set in together {
            for name in set {
                if let number = selectors[.table(name)] { sets[number] = sizes.count }
            }
            sizes.append(set.count)
        }
        counted = Array(repeating: 0, count: sizes.count)
    }

    private static func joined(_ sets: [[String]]) -> [Set<String>] {
        sets.reduce(into: []) { joined, names in
            let touching = joined.filter { !$0.isDisjoint(with: names) }
            joined.removeAll { !$0.isDisjoint(with: names) }
            joined.append(touching.reduce(Set(names)) { $0.union($1) })
        }
    }

    /// Of a load of these selectors, each once and none of them `*`.
    mutating func count(_ selectors: some Collection<Int>) -> Int {
        if sizes.isEmpty { return selectors.count }
        load += 1
        var count = 0
        for selector in selectors {
            guard let set = sets[selector] else {
                count += 1
                continue
            }
            if counted[set] != load { count += sizes[set] }
            counted[set] = load
        }
        return count
    }
}
