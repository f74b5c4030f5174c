import Admin

/// Which changes of the service's status are worth a notification (product.md §2, `notify`): that it left `ok`, that it
/// got worse, and that it is `ok` again. From `failing` to `degraded` is neither trouble nor its end.
struct StatusWatch {
    /// What to tell.
    enum Change: Hashable, Sendable {
        case degraded
        case recovered
    }

    /// A service counts as well until a look says otherwise, so trouble at the start is told too.
    private var last = HealthReport.Status.ok

    /// nil: nothing to tell.
    mutating func looked(at status: HealthReport.Status) -> Change? {
        defer { last = status }
        switch (last, status) {
        case (.ok, .degraded), (.ok, .failing), (.degraded, .failing): return .degraded
        case (.degraded, .ok), (.failing, .ok): return .recovered
        case (.ok, .ok), (.degraded, .degraded), (.failing, .failing), (.failing, .degraded): return nil
        }
    }
}
