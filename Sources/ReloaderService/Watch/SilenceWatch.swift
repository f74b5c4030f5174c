import Admin

/// Which sources fell silent, or were heard again, since the last look (product.md §2, `expect_every`). A silence counts
/// once, however long it lasts, and so does the safety load that it brings.
struct SilenceWatch {
    /// What a look finds.
    enum Change: Hashable, Sendable {
        case fellSilent(source: String)
        case heardAgain(source: String)
        /// It is silent still, and its safety load was refused at the last look.
        case loadDue(source: String)
    }

    private var silent: Set<String> = []
    /// Sources whose safety load was refused since the last look.
    private var refused: Set<String> = []

    /// The safety load that a look has asked for was not taken in: the next one asks again, while the silence lasts.
    mutating func loadRefused(for source: String) { refused.insert(source) }

    /// - Returns: what has changed, in the order of the sources' names.
    mutating func looked(at sources: [SourceSnapshot]) -> [Change] {
        let now = Set(sources.filter(\.isSilent).map(\.name))
        // One that left the configuration is neither silent nor heard again.
        let heard = silent.subtracting(now).intersection(sources.map(\.name))
        let due = refused.intersection(now)
        defer { (silent, refused) = (now, []) }
        return now.subtracting(silent).sorted().map { .fellSilent(source: $0) }
            + heard.sorted().map { .heardAgain(source: $0) }
            + due.sorted().map { .loadDue(source: $0) }
    }
}
