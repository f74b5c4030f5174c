/// Builds the tree of a file, and reports what YAML itself forbids: syntax errors, repeated keys, a second document.
///
/// Aliases (`*name`) are allowed. They share their node, and all of them together may stand for at most
/// `aliasedNodesLimit` nodes, so that a few lines cannot grow into gigabytes.
enum YAMLTree {
    static let depthLimit = 128
    static let aliasedNodesLimit = 100_000

    /// The file's one value; nil where there is none or it cannot be trusted, which is then reported.
    static func parse(_ bytes: [UInt8], report: Report) -> YAMLNode? {
        bytes.withUnsafeBufferPointer { buffer in
            do throws(YAMLEvents.SyntaxError) {
                var builder = Builder(report: report)
                let events = try YAMLEvents(buffer)
                return try builder.build(events)
            } catch {
                let place =
                    switch error.at {
                    case .place(let place): place
                    case .byte(let offset): Self.place(ofByte: offset, in: bytes)
                    }
                let span = Span(start: place, end: place)
                report.maskValue(onLine: place.line)
                // libyaml reads ahead, and has its own, wider bound.
                if error.message.contains("nesting level") {
                    report.error(tooDeep, at: span)
                } else {
                    report.error("not valid YAML: \(error.message)", at: span, hint: hint(for: error.message))
                }
                return nil
            }
        }
    }

    private static var tooDeep: String { "nested more than \(depthLimit) deep" }

    private static func place(ofByte offset: Int, in bytes: [UInt8]) -> Place {
        let before = String(decoding: bytes.prefix(offset), as: UTF8.self).unicodeScalars
        let line = before.split(separator: "\n", omittingEmptySubsequences: false)
        return Place(line: line.count, column: (line.last?.count ?? 0) + 1)
    }

    private static func hint(for problem: String) -> String? {
        if problem.contains("character that cannot start any token") {
            return "indent with spaces, not tabs, and put a text that begins with @, ` or % in quotes"
        }
        if problem.contains("mapping values are not allowed") {
            return """
                a text that contains ": " must be in quotes, and a key needs a space after its colon, here or on the \
                line above
                """
        }
        if problem.contains("did not find expected key") {
            return "the keys of one mapping begin in the same column"
        }
        if problem.contains("',' or ") || problem.contains("while scanning an a") {
            return "between brackets a text with any of , [ ] { } * & must be in quotes: { '$.a[*]': x }"
        }
        return nil
    }
}

extension YAMLTree {
    /// An open sequence or mapping; a mapping's keys and values alternate in `nodes`.
    private struct Open {
        var isMapping: Bool
        var anchor: String?
        var span: Span
        var nodes: [YAMLNode] = []
    }

    private struct Builder {
        let report: Report
        var open: [Open] = []
        var root: YAMLNode?
        var documents = 0
        var anchors: [String: YAMLNode] = [:]
        var aliasedNodes = 0

        mutating func build(_ events: YAMLEvents) throws(YAMLEvents.SyntaxError) -> YAMLNode? {
            while true {
                let event = try events.next()
                switch event.kind {
                case .streamEnd: return root
                case .documentStart:
                    documents += 1
                    if documents > 1 {
                        report.error("a second document; a configuration is one", at: event.span)
                        return root
                    }
                case .scalar(var scalar, let tag, let anchor):
                    scalar.isPlain = scalar.isPlain && tag == nil
                    check(tag, allowed: "tag:yaml.org,2002:str", at: event.span)
                    add(YAMLNode(content: .scalar(scalar), span: event.span), anchor: anchor)
                case .sequenceStart(let tag, let anchor):
                    check(tag, allowed: "tag:yaml.org,2002:seq", at: event.span)
                    guard start(Open(isMapping: false, anchor: anchor, span: event.span)) else { return nil }
                case .mappingStart(let tag, let anchor):
                    check(tag, allowed: "tag:yaml.org,2002:map", at: event.span)
                    guard start(Open(isMapping: true, anchor: anchor, span: event.span)) else { return nil }
                case .containerEnd: end(at: event.span)
                case .alias(let name):
                    guard addAlias(name, at: event.span) else { return nil }
                }
            }
        }

        private mutating func start(_ container: Open) -> Bool {
            guard open.count < depthLimit else {
                report.error(tooDeep, at: container.span)
                return false
            }
            open.append(container)
            return true
        }

        private mutating func end(at span: Span) {
            guard var container = open.popLast() else { return }
            container.span.end = span.end
            let content: YAMLNode.Content =
                container.isMapping ? .mapping(pairs(of: container.nodes)) : .sequence(container.nodes)
            let size = container.nodes.reduce(1) { $0 + $1.size }
            add(YAMLNode(content: content, span: container.span, size: size), anchor: container.anchor)
        }

        private mutating func add(_ node: YAMLNode, anchor: String?) {
            if let anchor { anchors[anchor] = node }
            if open.isEmpty {
                root = node
            } else {
                open[open.count - 1].nodes.append(node)
            }
        }

        private mutating func addAlias(_ name: String, at span: Span) -> Bool {
            guard let node = anchors[name] else {
                // Not named: it may be a secret that begins with a star.
                report.mask(span)
                report.error(
                    "an alias that names no value above it",
                    at: span,
                    hint: "put a text that begins with * in quotes"
                )
                add(YAMLNode(content: .scalar(YAMLScalar(text: "", isPlain: true)), span: span), anchor: nil)
                return true
            }
            aliasedNodes += node.size
            guard aliasedNodes <= aliasedNodesLimit else {
                report.error("aliases stand for more than \(aliasedNodesLimit) values", at: span)
                return false
            }
            add(node, anchor: nil)
            return true
        }

        private func pairs(of nodes: [YAMLNode]) -> [YAMLPair] {
            var pairs: [YAMLPair] = []
            pairs.reserveCapacity(nodes.count / 2)
            var firstPlaces: [String: Place] = [:]
            for index in stride(from: 0, to: nodes.count - 1, by: 2) {
                let key = nodes[index]
                guard let scalar = key.scalar else {
                    report.error(
                        "\(key.kind) cannot be a key",
                        at: key.span,
                        hint: "put a text that begins with { or [ in quotes"
                    )
                    continue
                }
                if let first = firstPlaces[scalar.text] {
                    report.error("repeated key \"\(scalar.text)\"; it stands at \(first) too", at: key.span)
                } else {
                    firstPlaces[scalar.text] = key.span.start
                }
                pairs.append(YAMLPair(key: scalar.text, keySpan: key.span, value: nodes[index + 1]))
            }
            return pairs
        }

        private func check(_ tag: String?, allowed: String, at span: Span) {
            guard let tag, tag != "!", tag != allowed else { return }
            // Not named: it may be a secret that begins with an exclamation mark.
            report.mask(span)
            report.error("tags are not supported", at: span, hint: "put a text that begins with ! in quotes")
        }
    }
}
