import Admin
import ArgumentParser
import ReloaderService
import Settings
import Vocabulary

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the queue in the terminal.",
        discussion: "Where the admin address asks for a token, it is taken from $RELOADER_ADMIN_TOKEN."
    )

    @Option(
        help: ArgumentHelp("The admin address; unix:/PATH too; default: http://127.0.0.1:9090.", valueName: "URL"),
        transform: { try ServiceAddress($0) }
    )
    var url: ServiceAddress?

    @Flag(help: "Show it again every second until interrupted.")
    var watch = false

    func run() async throws {
        repeat {
            let table = StatusTable(try await health()).text
            // A terminal is redrawn from its top; a pipe gets one page after the other.
            Terminal.write(watch && Terminal.isInteractive ? "\u{1B}[H\u{1B}[2J\(table)" : table)
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }

    private func health() async throws -> HealthReport {
        var headers = HeaderList()
        if let token = MachineSecrets().variable("RELOADER_ADMIN_TOKEN"), !token.isEmpty {
            headers.fields.append(("authorization", "Bearer \(token)"))
        }
        let service = try url ?? ServiceAddress("http://127.0.0.1:9090")
        let answer: HTTPCaller.Answer
        do {
            answer = try await HTTPCaller().get(service.base + "/health", headers: headers)
        } catch {
            throw Failure("no answer from \(service): \(error); is the service running, and is this its admin address?")
        }
        switch answer.status {
        case 200, 503: break
        case 401: throw Failure("\(service) asks for admin.token; put it into $RELOADER_ADMIN_TOKEN")
        default: throw Failure("\(service)/health answered \(answer.status): is this the admin address?")
        }
        do {
            return try HealthReport(json: answer.body)
        } catch {
            throw Failure("\(service)/health answered something else than health: is this the admin address?")
        }
    }
}
