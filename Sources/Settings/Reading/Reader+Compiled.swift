import JSONPath
import Rules

/// A query, a pattern or a name that stands in the file at `span`, compiled; what is wrong with it is reported at its
/// own place.
struct Compiler {
    let text: String
    let span: Span
    let report: Report

    /// An RFC 9535 query.
    func jsonPath() -> JSONPath? {
        do throws(JSONPathError) {
            let path = try JSONPath(text)
            for warning in path.warnings {
                let place = span.pointing(atByte: warning.offset, of: text)
                report.warning(warning.message, at: place, hint: warning.hint)
            }
            return path
        } catch {
            report.error(error.message, at: span.pointing(atByte: error.offset, of: text), hint: error.hint)
            return nil
        }
    }

    /// An RFC 9485 pattern.
    func regexp() -> IRegexp? {
        do throws(IRegexpError) {
            let pattern = try IRegexp(text)
            if text.hasPrefix("^") || text.hasSuffix("$") && !text.hasSuffix("\\$") {
                report.warning(
                    "^ and $ at the ends of a pattern are no characters, and say nothing: it always matches the whole value",
                    at: span,
                    hint: "leave them out; for the characters write [\\^] and [$]"
                )
            }
            return pattern
        } catch {
            report.error(error.message, at: span.pointing(atByte: error.offset, of: text))
            return nil
        }
    }

    func glob() -> Glob? {
        do throws(GlobError) {
            return try Glob(text)
        } catch {
            report.error("\(error)", at: span)
            return nil
        }
    }

    /// The name behind `header:`.
    private func headerName() -> String? {
        let name = String(text.dropFirst(Self.headerPrefix.count))
        // RFC 9110 §5.6.2, token.
        let isToken = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic && scalar.isASCII
                || "0123456789!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar)
        }
        if isToken && !name.isEmpty { return name }
        report.error("\"\(name)\" is not the name of a header", at: span)
        return nil
    }

    /// What a condition or an event id looks at: a JSONPath or `header:NAME`.
    func subject() -> Subject? {
        text.hasPrefix(Self.headerPrefix) ? headerName().map(Subject.header) : jsonPath().map(Subject.path)
    }

    private static let headerPrefix = "header:"
}

extension Reader {
    /// Text that `compile` turns into a value; `expected` completes "expected …".
    static func compiled(_ expected: String, _ schema: Schema, _ compile: @escaping (Compiler) -> Value?) -> Self {
        Self(schema) { node, reading in
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            return compile(Compiler(text: scalar.text, span: node.span, report: reading.report))
        }
    }
}

extension Reader where Value == JSONPath {
    static var jsonPath: Self { .compiled("a JSONPath such as $.event", .jsonPath) { $0.jsonPath() } }
}

extension Reader where Value == IRegexp {
    static var regexp: Self {
        .compiled("a regular expression", .scalar(mayBeEmpty: true)) { $0.regexp() }
    }
}

extension Schema {
    static var jsonPath: Self { .text(pattern: "^\\$", examples: ["$.event", "$.tables[*].name"]) }
}

extension Span {
    /// The place of one byte of the text that stands here; the whole where escapes make it hard to tell.
    fileprivate func pointing(atByte offset: Int, of text: String) -> Span {
        guard start.line == end.line else { return self }
        let quotes = end.column - start.column - text.unicodeScalars.count
        guard quotes == 0 || quotes == 2 else { return self }
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count
        let place = Place(line: start.line, column: start.column + quotes / 2 + before)
        return Span(start: place, end: place)
    }
}
