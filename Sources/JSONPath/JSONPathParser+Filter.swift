extension JSONPathParser {
    /// One side of a comparison, a test or a function's argument, before its place decides whether it may stand there.
    private enum Term {
        case operand(Operand)
        case query(Query)
        /// `match` or `search`: true or false, which is no value.
        case logical(Condition)
    }

    /// `logical-expr = logical-and-expr *(S "||" S logical-and-expr)`
    mutating func condition() throws(JSONPathError) -> Condition {
        var parts = [try conjunction()]
        while takeOperator("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    /// `logical-and-expr = basic-expr *(S "&&" S basic-expr)`
    private mutating func conjunction() throws(JSONPathError) -> Condition {
        var parts = [try basic()]
        while takeOperator("&&") { parts.append(try basic()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func takeOperator(_ text: StaticString) -> Bool {
        let start = scanner.position
        scanner.skipBlanks()
        guard scanner.take(text) else {
            scanner.position = start
            return false
        }
        scanner.skipBlanks()
        return true
    }

    /// `basic-expr = paren-expr / comparison-expr / test-expr`
    private mutating func basic() throws(JSONPathError) -> Condition {
        let isNegated = scanner.take("!")
        if isNegated { scanner.skipBlanks() }
        if scanner.isNext("(") {
            let condition = try parenthesized()
            return isNegated ? .not(condition) : condition
        }
        let start = scanner.position
        let left = try term()
        if let comparison = try comparison() {
            if isNegated {
                throw error("! cannot stand before a comparison", at: start, hint: "write !(… == …), or !=")
            }
            let leftOperand = try comparable(left, at: start)
            scanner.skipBlanks()
            let rightStart = scanner.position
            return .comparison(leftOperand, comparison, try comparable(term(), at: rightStart))
        }
        let test = try test(left, at: start)
        return isNegated ? .not(test) : test
    }

    private mutating func parenthesized() throws(JSONPathError) -> Condition {
        let opening = scanner.position
        scanner.position += 1
        scanner.skipBlanks()
        let condition = try nested { parser throws(JSONPathError) in try parser.condition() }
        scanner.skipBlanks()
        guard scanner.take(")") else {
            if scanner.isAtEnd { throw error("this ( is never closed", at: opening) }
            throw error(") expected", hint: hintForOperator())
        }
        return condition
    }

    /// `S comparison-op`; stays where it is if none comes next.
    private mutating func comparison() throws(JSONPathError) -> Comparison? {
        let start = scanner.position
        scanner.skipBlanks()
        if scanner.isNext("===") || scanner.isNext("!==") || scanner.isNext("=~") || scanner.isNext("<>") {
            throw error("no such operator", hint: hintForOperator())
        }
        if scanner.take("==") { return .equal }
        if scanner.take("!=") { return .notEqual }
        if scanner.take("<=") { return .lessOrEqual }
        if scanner.take(">=") { return .greaterOrEqual }
        if scanner.take("<") { return .less }
        if scanner.take(">") { return .greater }
        if let hint = hintForOperator() { throw error("no such operator", hint: hint) }
        scanner.position = start
        return nil
    }

    private mutating func term() throws(JSONPathError) -> Term {
        switch scanner.peek {
        case UInt8(ascii: "@"), UInt8(ascii: "$"):
            let root: Query.Root = scanner.isNext("@") ? .current : .document
            scanner.position += 1
            return .query(Query(root: root, segments: try segments()))
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return .operand(.string(try quoted()))
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            guard let number = scanner.number() else { throw error("this is no JSON number") }
            if scanner.peek?.isNamePart == true || scanner.isNext(".") { throw error("this is no JSON number") }
            return .operand(.number(number))
        case .some(let byte) where byte.isNameStart:
            return try word()
        default:
            throw error("a path, a literal or a function expected", hint: hintForOperator())
        }
    }

    /// `true`, `false`, `null`, or a function with its arguments.
    private mutating func word() throws(JSONPathError) -> Term {
        let start = scanner.position
        let word = String(decoding: scanner.take { $0.isNamePart }, as: UTF8.self)
        if scanner.isNext("(") {
            return try nested { parser throws(JSONPathError) in try parser.call(word, at: start) }
        }
        switch word {
        case "true": return .operand(.bool(true))
        case "false": return .operand(.bool(false))
        case "null": return .operand(.null)
        default: throw error("\(word) is no path, literal or function", at: start, hint: Self.hint(forWord: word))
        }
    }

    /// A function with the types of its arguments and result (RFC 9535 §2.4.4 to §2.4.8).
    private mutating func call(_ name: String, at start: Int) throws(JSONPathError) -> Term {
        let arguments = try arguments()
        func expect(_ count: Int) throws(JSONPathError) {
            if arguments.count != count {
                let plural = count == 1 ? "argument" : "arguments"
                throw error("\(name) takes \(count) \(plural), not \(arguments.count)", at: start)
            }
        }
        switch name {
        case "length":
            try expect(1)
            return .operand(.length(try valueArgument(arguments[0], of: name)))
        case "count":
            try expect(1)
            return .operand(.count(try nodesArgument(arguments[0], of: name)))
        case "value":
            try expect(1)
            return .operand(.value(try nodesArgument(arguments[0], of: name)))
        case "match", "search":
            try expect(2)
            let pattern: PatternOperand
            switch try valueArgument(arguments[1], of: name) {
            case .string(let text): pattern = .literal(literalPattern(text, of: name, at: arguments[1].offset))
            case let operand: pattern = .computed(operand)
            }
            let text = try valueArgument(arguments[0], of: name)
            return .logical(.pattern(whole: name == "match", text: text, pattern: pattern))
        default:
            throw error(
                "there is no function \(name)",
                at: start,
                hint: "there are length, count, match, search and value"
            )
        }
    }

    private mutating func literalPattern(_ text: [UInt8], of name: String, at offset: Int) -> IRegexp? {
        do throws(IRegexpError) {
            return try IRegexp(String(decoding: text, as: UTF8.self))
        } catch {
            warnings.append(
                self.error("\(name) can never be true: its pattern is no I-Regexp: \(error.message)", at: offset)
            )
            return nil
        }
    }

    /// `"(" S [function-argument *(S "," S function-argument)] S ")"`
    private mutating func arguments() throws(JSONPathError) -> [(term: Term, offset: Int)] {
        let opening = scanner.position
        scanner.position += 1
        scanner.skipBlanks()
        if scanner.take(")") { return [] }
        var arguments: [(term: Term, offset: Int)] = []
        repeat {
            scanner.skipBlanks()
            let offset = scanner.position
            arguments.append((try term(), offset))
            scanner.skipBlanks()
        } while scanner.take(",")
        guard scanner.take(")") else {
            if scanner.isAtEnd { throw error("this ( is never closed", at: opening) }
            throw error(") or , expected", hint: "an argument is a path, a literal or a function of these")
        }
        return arguments
    }

    /// RFC 9535's ValueType.
    private func valueArgument(
        _ argument: (term: Term, offset: Int),
        of name: String
    ) throws(JSONPathError) -> Operand {
        switch argument.term {
        case .operand(let operand): return operand
        case .query(let query):
            if let singular = query.singular { return .singular(query.root, singular) }
            throw error(
                "\(name) takes one value here, and this path may select several",
                at: argument.offset,
                hint: "use a path of names and indexes only, or value(…)"
            )
        case .logical:
            throw error("\(name) takes a value, and match and search give none", at: argument.offset)
        }
    }

    /// RFC 9535's NodesType.
    private func nodesArgument(
        _ argument: (term: Term, offset: Int),
        of name: String
    ) throws(JSONPathError) -> Query {
        switch argument.term {
        case .query(let query): return query
        case .operand, .logical:
            throw error("\(name) takes a path", at: argument.offset, hint: "such as \(name)(@.*)")
        }
    }

    /// `comparable = literal / singular-query / function-expr`
    private func comparable(_ term: Term, at offset: Int) throws(JSONPathError) -> Operand {
        switch term {
        case .operand(let operand): return operand
        case .query(let query):
            if let singular = query.singular { return .singular(query.root, singular) }
            throw error(
                "a path that is compared must select at most one value",
                at: offset,
                hint: "use names and indexes only, or put the comparison into a filter of that path"
            )
        case .logical:
            throw error("match and search give true or false already", at: offset, hint: "leave the comparison out")
        }
    }

    /// `test-expr`: a path that selects something, or a function that is true.
    private func test(_ term: Term, at offset: Int) throws(JSONPathError) -> Condition {
        switch term {
        case .query(let query): return .exists(query)
        case .logical(let condition): return condition
        case .operand:
            throw error("a value alone is no condition", at: offset, hint: "compare it, as in length(@.a) > 0")
        }
    }
}
