import Celonis
import Logging
import Rules
import Settings
import Vocabulary

/// What `reloader check --online` finds: whether Celonis lets us in and has every table that the configuration names.
package struct OnlineCheck: Sendable {
    /// One model's table list, or why there is none.
    package typealias Answer = Result<TableList, LoadFailure>

    /// Errors and warnings, in the order of the file.
    package let diagnostics: [Diagnostic]
    /// Tables of all models.
    package let tableCount: Int
    /// All that is wrong is that Celonis gave no answer: the configuration may be right.
    package let couldNotAsk: Bool

    /// `answers` by the model's name.
    package init(_ configuration: Configuration, answers: [String: Answer]) {
        var found: Set<Diagnostic> = []
        var unanswered = 0
        let lists = answers.compactMapValues { try? $0.get() }
        for (model, answer) in answers {
            guard case .failure(let failure) = answer else { continue }
            found.insert(Self.diagnostic(for: failure, model: model, configuration))
            if case .transient = failure { unanswered += 1 }
        }
        let ignoring = Self.modelsWithIgnoredNames(configuration.rules)
        for mention in configuration.mentions {
            guard let list = lists[mention.model], let problem = Problem(mention, list) else { continue }
            let isIgnored = mention.unknown == .ignore || mention.isExpectation && ignoring.contains(mention.model)
            found.insert(
                Diagnostic(
                    // An ambiguous name is a mistake whatever the rule says about unknown ones.
                    severity: isIgnored && !problem.isAmbiguous ? .warning : .error,
                    file: configuration.file,
                    place: mention.place,
                    length: mention.length,
                    message: problem.message,
                    hint: problem.hint
                )
            )
        }
        couldNotAsk = unanswered > 0 && unanswered == found.count { $0.severity == .error }
        diagnostics = found.sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        tableCount = lists.values.reduce(0) { $0 + $1.tables.count }
    }

    private static func modelsWithIgnoredNames(_ rules: [Rule]) -> Set<String> {
        Set(
            rules.flatMap(\.reloads).compactMap { reload in
                if case .names(let names) = reload.tables, names.unknown == .ignore { reload.model } else { nil }
            }
        )
    }

    private static func diagnostic(
        for failure: LoadFailure,
        model: String,
        _ configuration: Configuration
    ) -> Diagnostic {
        var place = configuration.places.models[model] ?? Place(line: 1, column: 1)
        let message: String
        let hint: String
        switch failure {
        case .credentialsRefused(let text):
            // One mistake, however many models there are.
            place = configuration.places.auth
            message = "Celonis refuses these credentials: \(Self.withoutPath(text))"
            hint = "check their type and secrets, and that an OAuth client has the scope integration.data-pools"
        case .poolForbidden(let text):
            message = "Celonis refuses the data pool of model \"\(model)\": \(text)"
            hint = "give the credentials Edit permission on this data pool in Celonis"
        case .permanent(let text):
            message = "Celonis gives no tables for model \"\(model)\": \(text)"
            hint = "check pool_id and data_model_id: they stand in the address of the data model's page in Celonis"
        case .transient(let text, retryAfter: _), .canceled(let text), .busy(let text, retryAfter: _),
            .unanswered(let text):
            message = "Celonis could not be asked for the tables of model \"\(model)\": \(text)"
            hint = "check celonis.base_url, the proxy and the network, then try again"
        }
        return Diagnostic(severity: .error, file: configuration.file, place: place, message: message, hint: hint)
    }

    /// What Celonis said, without the model that happened to be asked about.
    private static func withoutPath(_ text: String) -> String {
        text.replacing(#/ to [A-Z]+ /integration/[^\s:]*/#, with: "")
    }

    /// Asks for the tables of every model, a few at a time; `progress` gets a line for each.
    ///
    /// - Throws: where `celonis.ca_file` cannot be used.
    package static func ask(
        _ configuration: Configuration,
        environment: [String: String],
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String: Answer] {
        let client = try CelonisClient(
            ClientConfiguration(configuration.celonis, environment: environment),
            logger: Logger(label: "reloader") { _ in SwiftLogNoOpLogHandler() }
        )
        let answers = await withTaskGroup(of: (String, Answer).self) { group in
            var answers: [String: Answer] = [:]
            for (index, model) in configuration.models.map(\.reference).enumerated() {
                if index >= askedAtOnce, let (name, answer) = await group.next() { answers[name] = answer }
                group.addTask {
                    let answer: Answer
                    do throws(LoadFailure) {
                        answer = .success(try await client.tables(of: model))
                    } catch {
                        answer = .failure(error)
                    }
                    progress(line(model.name, answer))
                    return (model.name, answer)
                }
            }
            for await (name, answer) in group { answers[name] = answer }
            return answers
        }
        await client.shutdown()
        return answers
    }

    private static let askedAtOnce = 4

    private static func line(_ model: String, _ answer: Answer) -> String {
        switch answer {
        case .success(let list): "\(model): \(list.tables.count) tables"
        case .failure: "\(model): no answer that helps"
        }
    }
}

/// What is wrong with one name.
private struct Problem {
    var isAmbiguous = false
    var message: String
    var hint: String?

    /// nil: the name means exactly one table, or a connection that feeds some.
    init?(_ mention: TableMention, _ list: TableList) {
        switch mention.selector {
        case .everything: return nil
        case .dataSource(let id):
            let known = Set(list.tables.compactMap(\.dataSourceID)).sorted()
            guard !known.contains(id) else { return nil }
            message = "no table of model \"\(mention.model)\" is fed by the data connection \"\(id)\""
            hint = known.isEmpty ? nil : "its tables are fed by \(Self.some(known))"
        case .table(let name):
            let found = list.matches(name)
            guard found.count != 1 else { return nil }
            guard found.isEmpty else {
                isAmbiguous = true
                message = "\"\(name)\" means \(found.count) tables of model \"\(mention.model)\""
                hint = "write the id: " + found.prefix(5).map { "\($0.id) (\($0.name))" }.joined(separator: " or ")
                return
            }
            message = "model \"\(mention.model)\" has no table \"\(name)\""
            let near = list.namesNear(name).map { "\"\($0)\"" }
            hint =
                near.isEmpty
                ? "it has \(Self.some(list.tables.map(\.aliasOrName)))"
                : "did you mean \(near.joined(separator: " or "))?"
        }
    }

    private static func some(_ names: [String]) -> String {
        if names.isEmpty { return "none" }
        return names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}
