import Admin
import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension World {
    /// Another text of the configuration.
    func text(replacing old: String, with new: String) throws -> String {
        try #require(text.contains(old))
        return text.replacingOccurrences(of: old, with: new)
    }

    /// Replaces the configuration in one step, as editors do.
    func replaceFile(with text: String) throws {
        let next = try folder.file("next.yaml", text)
        try #require(rename(next, file) == 0)
    }

    /// Replaces the configuration, asks for it, and waits until the service says that it is in force: the `number`th time.
    func reload(to text: String, number: Int = 1) async throws {
        try replaceFile(with: text)
        service.interrupt(SIGHUP)
        _ = try #require(await service.line(number, with: "configuration loaded"))
    }

    /// Whether the service says that its newest configuration is in force.
    func configurationIsValid() async throws -> Bool {
        let page = String(decoding: try await HTTPCaller.patient.get(admin + "/metrics").body, as: UTF8.self)
        return page.contains("\nreloader_configuration_valid 1\n")
    }

    /// The rule that an event of this table matches now.
    func rule(for table: String) async throws -> String? {
        try await post(World.body(table, id: UUID().uuidString)).answer?.jobs?.first?.rule
    }

    /// Ends the service with changes pending, as no test of draining would.
    func abandon() async {
        service.interrupt(SIGKILL)
        _ = try? await service.ended()
        await simulator.shutdown()
    }

    /// A delivery as bytes, for a connection of one's own. `fields` are further lines of its head.
    func request(
        _ body: [UInt8],
        signedWith secret: String = secret,
        fields: String = ""
    ) throws -> (head: [UInt8], body: [UInt8]) {
        try request(body, from: .fivetran(secret: secret), fields: fields)
    }

    /// The same of a source that was made before.
    func request(
        _ body: [UInt8],
        from source: SourceSettings,
        fields: String
    ) throws -> (head: [UInt8], body: [UInt8]) {
        let delivery = try SampleDelivery(
            source: source,
            base: base,
            body: body,
            now: SystemClock().now().wall,
            messageID: "m"
        )
        let signed = delivery.headers.fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        let head = "POST /hooks/fivetran HTTP/1.1\r\nhost: h\r\ncontent-length: \(body.count)\r\n\(signed)\(fields)\r\n"
        return (Array(head.utf8), body)
    }
}
