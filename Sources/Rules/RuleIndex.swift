import JSONPath

/// Finds the rules that an event can match at all by their equality conditions, so that the cost of an event depends on
/// the rules that it nearly matches, not on how many there are (issue "rules": 10,000 rules cost what 10 do).
///
/// A rule is filed under those of its equalities of which at least one must hold for the rule to match, the rarest among
/// the rules where there is a choice. Equal values have equal hashes, so no rule is missed; unequal values may share one,
/// so what is found must still be evaluated.
struct RuleIndex: Sendable {
    private struct Table {
        let lookup: Lookup
        /// Positions of rules by the hash of a value.
        var positions: [Int: [Int]] = [:]
    }

    private var tables: [Table] = []
    /// Rules that no equality can rule out.
    private var always: [Int] = []

    init(_ rules: [Rule], _ slots: Slots) {
        let keys = rules.map { $0.condition.keyChoices }
        var uses: [EqualityKey: Int] = [:]
        for key in keys.joined().joined() { uses[key, default: 0] += 1 }
        var tablePositions: [Subject: Int] = [:]
        for (position, choices) in keys.enumerated() {
            func cost(_ choice: Set<EqualityKey>) -> Int { choice.reduce(0) { $0 + uses[$1, default: 0] } }
            guard let rarest = choices.min(by: { cost($0) < cost($1) }) else {
                always.append(position)
                continue
            }
            for key in rarest {
                let table = tablePositions[key.subject, default: tables.count]
                if table == tables.count {
                    tablePositions[key.subject] = table
                    tables.append(Table(lookup: slots.lookup(key.subject)))
                }
                for hash in key.scalar.hashes { tables[table].positions[hash, default: []].append(position) }
            }
        }
    }

    /// The positions of all rules that may match, ascending, each once.
    func candidates(_ evaluation: inout Evaluation) -> [Int] {
        var found = always
        for table in tables {
            let selection = evaluation.select(table.lookup)
            // A hostile event may repeat a value a hundred thousand times.
            var seen: Set<Int> = []
            _ = selection.contains { value in
                evaluation.chargeReading(of: value)
                if evaluation.isStopped { return true }
                guard let hash = value.equalityHash, let positions = table.positions[hash] else { return false }
                if selection.count == 1 || seen.insert(hash).inserted {
                    // Most events find something once: that list is shared, not copied.
                    if found.isEmpty { found = positions } else { found += positions }
                }
                return false
            }
        }
        guard found.count > always.count, found.count > 1 else { return found }
        found.sort()
        var last = -1
        found.removeAll { position in
            defer { last = position }
            return position == last
        }
        return found
    }
}

/// One equality that a rule asks for.
private struct EqualityKey: Hashable {
    let subject: Subject
    let scalar: Scalar
}

extension Condition {
    /// Sets of equalities of each of which at least one must hold where the condition does.
    fileprivate var keyChoices: [Set<EqualityKey>] {
        switch self {
        case .all(let conditions): conditions.flatMap(\.keyChoices)
        case .any(let conditions): Self.union(of: conditions).map { [$0] } ?? []
        case .none: []
        case .test(let subject, let predicate): predicate.keyChoices(subject)
        }
    }

    /// One choice of each alternative together; nil if an alternative has none.
    private static func union(of alternatives: [Condition]) -> Set<EqualityKey>? {
        var union: Set<EqualityKey> = []
        for alternative in alternatives {
            guard let smallest = alternative.keyChoices.min(by: { $0.count < $1.count }) else { return nil }
            union.formUnion(smallest)
        }
        return union
    }
}

extension Predicate {
    fileprivate func keyChoices(_ subject: Subject) -> [Set<EqualityKey>] {
        switch self {
        case .value(let tests):
            tests.compactMap { test in
                switch test {
                case .equals(let scalar): [EqualityKey(subject: subject, scalar: scalar)]
                case .isIn(let scalars): Set(scalars.map { EqualityKey(subject: subject, scalar: $0) })
                case .glob, .matches, .above, .below: nil
                }
            }
        case .exists, .not: []
        case .every(let predicates): predicates.flatMap { $0.keyChoices(subject) }
        }
    }
}

/// The kinds of values that can be equal to a scalar; each hashes apart from the others.
private enum HashedKind: UInt8 {
    case null, bool, number, text
}

extension Scalar {
    /// The hash of every kind of value that it may be equal to: of a text always, and of what it means beside.
    fileprivate var hashes: Set<Int> {
        var hashes: Set<Int> = [utf8.withUnsafeBufferPointer { EventValue.string($0).equalityHash ?? 0 }]
        let other: EventValue? =
            switch meaning {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .number(let number): .number(number.value)
            case .onlyText: nil
            }
        if let hash = other?.equalityHash { hashes.insert(hash) }
        return hashes
    }
}

extension EventValue {
    /// Values that are equal to one scalar in the same way have the same hash; nil for what equals none.
    fileprivate var equalityHash: Int? {
        var hasher = Hasher()
        switch self {
        case .null: hasher.combine(HashedKind.null)
        case .bool(let bool):
            hasher.combine(HashedKind.bool)
            hasher.combine(bool)
        case .number(let number):
            hasher.combine(HashedKind.number)
            // Numbers that are equal as integers or as doubles are equal as doubles; 0.0 and -0.0 hash alike.
            hasher.combine(number.asDouble)
        case .string(let text), .header(let text):
            hasher.combine(HashedKind.text)
            hasher.combine(bytes: UnsafeRawBufferPointer(text))
        case .container: return nil
        }
        return hasher.finalize()
    }
}
