import Celonis
import Settings
import Vocabulary

/// What a new configuration asks of a running service beside what is swapped as a whole (sources, rules, models, limits).
struct ConfigurationChange: Equatable {
    /// Where deliveries are to come to from now on; nil: where they do.
    var listenAddress: ListenAddress?
    /// Where health and metrics are to be from now on; nil: where they are.
    var adminAddress: ListenAddress?
    /// What the next calls to Celonis are to be made with; nil: the client in use.
    var client: ClientConfiguration?
    /// Keys whose value holds from the next start on only.
    var nextStart: [String]

    /// `started` is what the service was started with, which holds for those keys until its end. `environment` is as for
    /// `ClientConfiguration`.
    init(
        from old: Configuration,
        to new: Configuration,
        startedWith started: Configuration,
        environment: [String: String]
    ) {
        func changed<Value: Equatable>(_ part: (Configuration) -> Value) -> Value? {
            part(old) == part(new) ? nil : part(new)
        }
        listenAddress = changed(\.listen.address)
        adminAddress = changed(\.admin.address)
        client = changed { ClientConfiguration($0.celonis, environment: environment) }
        nextStart = []
        if new.listen.threads != started.listen.threads { nextStart.append("listen.threads") }
        if new.journal != started.journal { nextStart.append("journal") }
    }
}
