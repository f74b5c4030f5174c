import Celonis
import Listener
import Logging
import Settings
import Signatures

extension RunningService {
    /// Puts another configuration in force as a whole, or throws and changes nothing (queue.md Q24). Everything that can
    /// fail is done first: new addresses are open and a new client is made before anything old is let go. Not to be
    /// called again before it has returned.
    /// - Returns: keys that keep their value until the next start.
    package func reload(_ configuration: Configuration) async throws -> [String] {
        let change = ConfigurationChange(
            from: inForce.withLock(\.configuration),
            to: configuration,
            startedWith: started,
            environment: parts.environment
        )
        let successors = try await Successors(change, configuration, parts)
        await commit(configuration, successors)
        return change.nextStart
    }

    /// The files of `listen.tls` in force.
    var certificateFiles: [String] {
        inForce.withLock(\.configuration.listen.tls).map { [$0.certificate, $0.privateKey] } ?? []
    }

    /// Serves the certificate in force as its files are now; a `CertificateError` changes nothing.
    func renewCertificate() throws {
        let (tls, server) = inForce.withLock { ($0.configuration.listen.tls, $0.publicServer) }
        if let tls { server.setCertificate(try ServerCertificate(tls)) }
    }

    /// Tells in health and metrics that a newer configuration is not in force.
    package func refuseConfiguration(because reason: String) { parts.state.configurationRefused(because: reason) }

    private func commit(_ configuration: Configuration, _ successors: Successors) async {
        // The queue may try a mended configuration at once, so it hears of it after the client.
        if let client = successors.client { await parts.client.replace(with: client) }
        // A model is in the queue before a delivery can name it.
        parts.queue.configure(configuration.queueSettings)
        parts.intake.replacePlan(with: successors.plan, rememberedIDs: configuration.limits.rememberedIDs)
        parts.intake.trail.resize(to: configuration.limits.history)
        parts.intake.recorder.configure(configuration.record)
        parts.notifier.configure(configuration.notify)
        let former = inForce.withLock { inForce in
            defer {
                inForce.configuration = configuration
                inForce.publicServer = successors.publicServer ?? inForce.publicServer
                inForce.adminServer = successors.admin?.server ?? inForce.adminServer
                inForce.adminHandler = successors.admin?.handler ?? inForce.adminHandler
            }
            return inForce
        }
        if let server = successors.publicServer {
            server.accept()
            retire(former.publicServer, as: "listen", for: server, within: former.configuration.limits.bodyTimeout)
        } else {
            former.publicServer.setLimits(ServerLimits(configuration.limits))
            former.publicServer.setCertificate(successors.certificate)
        }
        if let admin = successors.admin {
            admin.server.accept()
            retire(former.adminServer, as: "admin", for: admin.server, within: .seconds(5))
        } else {
            former.adminHandler.setGuards(successors.adminGuards)
        }
        parts.state.configurationLoaded(at: parts.clock.now().wall)
    }

    /// Lets a server end what is in flight; nobody waits for it, and the end of the process ends it too.
    private func retire(_ server: HTTPServer, as key: String, for successor: HTTPServer, within grace: Duration) {
        parts.logger.notice(
            "address changed",
            metadata: ["key": "\(key)", "address": "\(successor.address)", "former": "\(server.address)"]
        )
        Task { await server.shutdown(within: grace) }
    }
}

/// What takes the place of something that runs: made and opened, and not in use yet.
private struct Successors {
    var plan: IntakePlan
    var adminGuards: [Verifier]
    var client: CelonisClient?
    /// As its files are now, whether or not they have changed.
    var certificate: ServerCertificate?
    var publicServer: HTTPServer?
    var admin: (server: HTTPServer, handler: AdminHandler)?

    /// All of them, or none.
    init(_ change: ConfigurationChange, _ configuration: Configuration, _ parts: RunningService.Parts) async throws {
        plan = try IntakePlan(configuration, after: parts.intake.plan, now: parts.clock.now())
        adminGuards = try AdminHandler.guards(token: configuration.admin.token?.bytes)
        certificate = try configuration.listen.tls.map(ServerCertificate.init)
        do {
            if let client = change.client {
                self.client = try CelonisClient(client, clock: parts.clock, logger: parts.logger)
            }
            if change.listenAddress != nil {
                publicServer = try await parts.openPublicServer(configuration, certificate)
            }
            if let address = change.adminAddress {
                let handler = try parts.adminHandler(configuration.admin)
                admin = (try await parts.openAdminServer(address, handler), handler)
            }
        } catch {
            await client?.shutdown()
            await publicServer?.shutdown(within: .zero)
            throw error
        }
    }
}
