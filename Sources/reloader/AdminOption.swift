import Admin
import ArgumentParser
import FoundationEssentials
import ReloaderService
import Settings
import Vocabulary

/// `--url URL`: the running service that a command asks or steers.
struct AdminOption: ParsableArguments {
    @Option(help: ArgumentHelp("The admin address; its token is taken from $RELOADER_ADMIN_TOKEN.", valueName: "URL"))
    var url = "http://127.0.0.1:9090"

    private var base: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    /// - Parameter path: segments, not yet encoded.
    func get<Document: Decodable>(
        _ path: [String],
        query: KeyValuePairs<String, String> = [:],
        as type: Document.Type
    ) async throws -> Document {
        let pairs = query.map { "\($0.key)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let target = address(path) + (pairs.isEmpty ? "" : "?" + pairs)
        return try decode(type, try await answer { try await HTTPCaller().get(target, headers: headers) })
    }

    func post<Document: Decodable>(
        _ path: [String],
        body: [UInt8] = [],
        as type: Document.Type
    ) async throws -> Document {
        try decode(
            type,
            try await answer { try await HTTPCaller().post(address(path), headers: headers, body: body) }
        )
    }

    private func address(_ path: [String]) -> String {
        base + "/" + path.map(PercentEncoding.encode).joined(separator: "/")
    }

    private var headers: HeaderList {
        var headers: HeaderList = ["content-type": "application/json"]
        if let token = MachineSecrets().variable("RELOADER_ADMIN_TOKEN"), !token.isEmpty {
            headers.fields.append(("authorization", "Bearer \(token)"))
        }
        return headers
    }

    private func answer(_ call: () async throws -> HTTPCaller.Answer) async throws -> HTTPCaller.Answer {
        let answer: HTTPCaller.Answer
        do {
            answer = try await call()
        } catch {
            throw Failure("no answer from \(base): \(error); is the service running, and is this its admin address?")
        }
        if answer.isSuccess { return answer }
        if answer.status == 401 { throw Failure("\(base) asks for admin.token; put it into $RELOADER_ADMIN_TOKEN") }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        throw Failure(problem?.detail ?? "\(base) answered \(answer.status): is this the admin address?")
    }

    private func decode<Document: Decodable>(_ type: Document.Type, _ answer: HTTPCaller.Answer) throws -> Document {
        do {
            return try AdminJSON.decode(type, answer.body)
        } catch {
            throw Failure("\(base) answered something that is not ours: is this the admin address?")
        }
    }

    private struct Problem: Decodable {
        var detail: String
    }
}
