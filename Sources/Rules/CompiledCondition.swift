/// Where a test or mapping finds its values: the subject, and the slot in which an event's values for it are kept when
/// several rules look there.
struct Lookup: Sendable {
    let subject: Subject
    /// nil: looked up anew each time, because nobody else asks.
    let slot: Int?
}

/// A condition whose subjects know their slots.
indirect enum CompiledCondition: Sendable {
    case all([CompiledCondition])
    case any([CompiledCondition])
    case none([CompiledCondition])
    case test(Lookup, Predicate)

    init(_ condition: Condition, _ slots: Slots) {
        self =
            switch condition {
            case .all(let conditions): .all(conditions.map { Self($0, slots) })
            case .any(let conditions): .any(conditions.map { Self($0, slots) })
            case .none(let conditions): .none(conditions.map { Self($0, slots) })
            case .test(let subject, let predicate): .test(slots.lookup(subject), predicate)
            }
    }
}

/// Gives a slot to each subject that is looked at in more than one place, the most used first, up to a bound: slots are
/// made for every event, so their number must not grow with the rules.
struct Slots {
    private static let limit = 64

    private let bySubject: [Subject: Int]

    init(for rules: [Rule]) {
        var uses: [Subject: Int] = [:]
        for subject in rules.lazy.flatMap(\.subjects) { uses[subject, default: 0] += 1 }
        let shared = uses.filter { $0.value > 1 }.sorted {
            ($1.value, $0.key.description) < ($0.value, $1.key.description)
        }
        bySubject = Dictionary(
            uniqueKeysWithValues: shared.prefix(Self.limit).enumerated().map { ($1.key, $0) }
        )
    }

    var count: Int { bySubject.count }

    func lookup(_ subject: Subject) -> Lookup { Lookup(subject: subject, slot: bySubject[subject]) }
}

extension Rule {
    /// Everything the rule looks at, in conditions and mappings, with repetitions.
    var subjects: [Subject] {
        condition.subjects
            + reloads.compactMap {
                switch $0.tables {
                case .all, .fixed, .dataSource: nil
                case .names(let names): .path(names.from)
                case .dataSourceFrom(let path): .path(path)
                }
            }
    }
}

extension Condition {
    fileprivate var subjects: [Subject] {
        switch self {
        case .all(let conditions), .any(let conditions), .none(let conditions): conditions.flatMap(\.subjects)
        case .test(let subject, _): [subject]
        }
    }
}
