import Admin
import ArgumentParser
import FoundationEssentials
import ReloaderService
import Settings
import Vocabulary

/// `--url URL`: the running service that a command asks or steers.
struct AdminOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The admin address; unix:/PATH too; default: http://127.0.0.1:9090. Its token is taken from "
                + "$RELOADER_ADMIN_TOKEN.",
            valueName: "URL"
        ),
        transform: { try ServiceAddress($0) }
    )
    var url: ServiceAddress?

    private var service: ServiceAddress { get throws { try url ?? ServiceAddress("http://127.0.0.1:9090") } }

    /// `path` is segments, not yet encoded.
    func get<Document: Decodable>(
        _ path: [String],
        query: KeyValuePairs<String, String> = [:],
        acceptingUnavailable: Bool = false,
        as type: Document.Type
    ) async throws -> Document {
        let pairs = query.map { "\($0.key)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let target = try address(path) + (pairs.isEmpty ? "" : "?" + pairs)
        return try decode(
            type,
            try await answer(acceptingUnavailable) {
                try await HTTPCaller().get(target, headers: headers)
            }
        )
    }

    func post<Document: Decodable>(
        _ path: [String],
        body: [UInt8] = [],
        as type: Document.Type
    ) async throws -> Document {
        try decode(
            type,
            try await answer(false) { try await HTTPCaller().post(try address(path), headers: headers, body: body) }
        )
    }

    private func address(_ path: [String]) throws -> String {
        try service.base + "/" + path.map(PercentEncoding.encode).joined(separator: "/")
    }

    private var headers: HeaderList {
        var headers: HeaderList = ["content-type": "application/json"]
        if let token { headers.fields.append(("authorization", "Bearer \(token)")) }
        return headers
    }

    private var token: String? {
        MachineSecrets().variable("RELOADER_ADMIN_TOKEN").flatMap { $0.isEmpty ? nil : $0 }
    }

    private func answer(_ acceptsUnavailable: Bool, _ call: () async throws -> HTTPCaller.Answer) async throws
        -> HTTPCaller.Answer
    {
        let base = try service
        let answer: HTTPCaller.Answer
        do {
            answer = try await call()
        } catch {
            throw Failure("no answer from \(base): \(error); is the service running, and is this its admin address?")
        }
        if answer.isSuccess || acceptsUnavailable && answer.status == 503 { return answer }
        if answer.status == 401 {
            throw Failure(
                token == nil
                    ? "\(base) asks for admin.token; put it into $RELOADER_ADMIN_TOKEN"
                    : "\(base) refuses the token in $RELOADER_ADMIN_TOKEN: it is not the service's admin.token"
            )
        }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        throw Failure(problem?.detail ?? "\(base) answered \(answer.status): is this the admin address?")
    }

    private func decode<Document: Decodable>(_ type: Document.Type, _ answer: HTTPCaller.Answer) throws -> Document {
        do {
            return try AdminJSON.decode(type, answer.body)
        } catch {
            throw Failure("\(try service) answered something that is not ours: is this the admin address?")
        }
    }

    private struct Problem: Decodable {
        var detail: String
    }
}
