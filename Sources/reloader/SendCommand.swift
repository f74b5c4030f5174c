import ArgumentParser
import ReloaderService
import Vocabulary

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Signs a delivery as the source's sender would and posts it.",
        discussion: "Prints the answer; ends with 0 when it was a 2xx."
    )

    @OptionGroup var file: ConfigurationOption
    @OptionGroup var delivery: DeliveryOptions

    @Option(
        name: .customLong("header"),
        help: ArgumentHelp("A header field beside those that sign it, e.g. one of a rule's.", valueName: "'K: V'")
    )
    var headers: [String] = []

    @Option(
        help: ArgumentHelp("The service's address; unix:/PATH too; default: the configured one.", valueName: "URL"),
        transform: { try ServiceAddress($0) }
    )
    var url: ServiceAddress?

    func run() async throws {
        let configuration = try file.load(mustRun: false)
        let source = try delivery.source(in: configuration)
        let now = SystemClock().now().wall
        let service = try url ?? ServiceAddress(configured: configuration.listen)
        let sample = try SampleDelivery(
            source: source,
            base: service.base,
            body: try delivery.readBody(),
            now: now,
            messageID: "msg_\(now.milliseconds)",
            headers: HeaderList(arguments: headers)
        )
        let answer: HTTPCaller.Answer
        do {
            answer = try await sample.post(with: HTTPCaller(verifiesCertificates: !service.isOwn))
        } catch {
            throw Failure("no answer from \(service): \(error); is the service running there?")
        }
        Terminal.complain("\(service) answered \(answer.status)\n")
        for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
            Terminal.write(String(line).printable + "\n")
        }
        if !answer.isSuccess { throw ExitCode.failure }
    }
}
