import Admin

/// Which sources fell silent, or were heard again, since the last look (product.md §2, `expect_every`). A silence counts
/// once, however long it lasts, and so does the safety load that it brings.
struct SilenceWatch {
    /// What a look finds.
    enum Change: Hashable, Sendable {
        case fellSilent(source: String)
        case heardAgain(source: String)
    }

    private var silent: Set<String> = []

    /// - Returns: what has changed, in the order of the sources' names.
    mutating func looked(at sources: [SourceSnapshot]) -> [Change] {
        let now = Set(sources.filter(\.isSilent).map(\.name))
        // One that left the configuration is neither silent nor heard again.
        let heard = silent.subtracting(now).intersection(sources.map(\.name))
        defer { silent = now }
        return now.subtracting(silent).sorted().map { .fellSilent(source: $0) }
            + heard.sorted().map { .heardAgain(source: $0) }
    }
}
