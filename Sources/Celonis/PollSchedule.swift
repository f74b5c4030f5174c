import Vocabulary

/// When to look at last-load again. Starts at `poll.initial`, grows to `poll.maximum`, and learns from how long the
/// model's loads took: a load of the usual length is seen in about ten polls.
///
/// | load | polls, with the defaults |
/// | --- | --- |
/// | the first | after 2, 4, 6, 9, 14, 20, 30 s …, each half the time so far, at most 60 s apart |
/// | usually 5 min | after 2, 4, 8, 16, 32, 64 s, then every 50 s |
package struct PollSchedule: Hashable, Sendable {
    private let settings: PollSettings
    /// How long the model's loads take; nil before the first was seen.
    package private(set) var usual: Duration?

    package init(_ settings: PollSettings) { self.settings = settings }

    /// The longest time between two looks.
    var slowest: Duration { settings.maximum }

    /// The latest loads count most, and a single odd one not much.
    package mutating func learn(_ duration: Duration) {
        usual = usual.map { ($0 * 3 + duration) / 4 } ?? duration
    }

    /// The time between two looks, so long after the load was triggered.
    package func delay(after elapsed: Duration) -> Duration {
        let wanted = usual.map { min(elapsed, max($0, elapsed) / 6) } ?? elapsed / 2
        return max(settings.initial, min(wanted, settings.maximum))
    }
}
