import Foundation

/// A server that takes the deliveries, ready to be started on a port of its own.
struct Contestant {
    let name: String
    let command: [String]
    let port: UInt16
    var adminPort: UInt16?
    /// Its journal, which begins anew with each start: what one run was sent is no duplicate in the next.
    var journal: String?

    /// `.build-bench/floor`, which the Makefile compiles.
    static func floor() throws -> Self {
        let port = try freePort()
        return Self(name: "floor", command: [build("floor"), "\(port)", Deliveries.secret], port: port)
    }

    /// Debian's `webhook`. It verifies, parses and asks one more rule, which never holds: it is spared the process that it
    /// would start for each delivery.
    static func webhook(in folder: URL) throws -> Self {
        let port = try freePort()
        let file = folder.appendingPathComponent("webhook.json")
        let hooks = """
            [{"id": "\(Deliveries.source)", "execute-command": "/bin/true", "trigger-rule": {"and": [
              {"match": {"type": "payload-hmac-sha256", "secret": "\(Deliveries.secret)",
                "parameter": {"source": "header", "name": "\(Deliveries.header)"}}},
              {"match": {"type": "value", "value": "never", "parameter": {"source": "payload", "name": "event"}}}
            ]}}]
            """
        try hooks.write(to: file, atomically: true, encoding: .utf8)
        return Self(
            name: "webhook",
            command: ["/usr/bin/webhook", "-hooks", file.path, "-ip", "127.0.0.1", "-port", "\(port)"],
            port: port
        )
    }

    /// The whole service with 20 rules, of which one matches, and one event loop. Nothing is loaded: the tables stay
    /// pending for longer than the benchmark takes.
    static func reloader(in folder: URL, journal: Bool = false) throws -> Self {
        let (port, adminPort) = (try freePort(), try freePort())
        let name = journal ? "reloader with journal" : "reloader"
        let folder = folder.appendingPathComponent(journal ? "journal" : "plain")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("reloader.yaml")
        let configuration =
            """
            listen: { address: "127.0.0.1:\(port)", threads: 1 }
            admin: { address: "127.0.0.1:\(adminPort)" }
            celonis:
              base_url: http://127.0.0.1:9
              auth: { type: application_key, key: "literal:none" }
            models:
              order-to-cash: { pool_id: pool, data_model_id: model, debounce: 1d, max_wait: 1d }
            sources:
              \(Deliveries.source): { signature: fivetran, secrets: ["literal:\(Deliveries.secret)"] }
            log: { level: error }
            limits: { drain_timeout: 0s }
            \(journal ? "journal: { path: \(folder.path)/journal.sqlite }\n" : "")rules:

            """ + (0..<20).map(rule).joined()
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        return Self(
            name: name,
            command: [build("reloader-optimized"), "serve", "--config", file.path],
            port: port,
            adminPort: adminPort,
            journal: journal ? "\(folder.path)/journal.sqlite" : nil
        )
    }

    private static func rule(_ number: Int) -> String {
        """
          - name: rule-\(number)
            source: \(Deliveries.source)
            when: { $.event: sync_end, $.data.status: SUCCESSFUL, $.connector_id: \(number == 10 ? "gentle_yak" : "c\(number)") }
            reload: { model: order-to-cash, tables: [EKKO, EKPO] }

        """
    }

    /// Whether the configuration is one that this version accepts.
    func isAccepted() throws -> Bool {
        let check = try Child([command[0], "check"] + command.dropFirst(2), output: .nullDevice)
        return check.waitUntilEnd() == 0
    }

    /// Starts it and waits until it takes connections. `under` is a program that runs it, with its arguments.
    func start(under wrapper: [String] = []) throws -> Child {
        if let journal {
            for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: journal + suffix) }
        }
        let child = try Child(wrapper + command, output: .nullDevice)
        while !Connection.isPossible(to: port) {
            guard child.isRunning else { throw Failure("\(name) ended at once: \(command.joined(separator: " "))") }
            usleep(2000)
        }
        return child
    }
}

/// What `make bench` has built, beside this program.
func build(_ name: String) -> String {
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return own.appendingPathComponent(name).standardizedFileURL.path
}
