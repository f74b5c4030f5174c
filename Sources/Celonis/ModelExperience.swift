import Vocabulary

/// What one load taught.
enum LoadLesson: Hashable, Sendable {
    /// It was seen to end well, so long after the POST.
    case took(Duration)
    /// Only loads that seem to have begun before the POST were seen.
    case overtaken
}

/// What a client has learned of one model from its loads.
struct ModelExperience: Hashable, Sendable {
    private(set) var schedule: PollSchedule
    private var overtaken = 0

    init(_ poll: PollSettings) { schedule = PollSchedule(poll) }

    /// Whether the starts that last-load shows may tell somebody else's load from ours. That a POST is overtaken is a
    /// matter of moments; twice in a row it is more likely that starts and answers are dated by clocks that disagree, and
    /// that our own loads were taken for others'. Then they are not believed any more, rather than loaded for ever.
    var trustsStarts: Bool { overtaken < 2 }

    mutating func learn(_ lesson: LoadLesson) {
        switch lesson {
        case .took(let duration):
            schedule.learn(duration)
            if trustsStarts { overtaken = 0 }
        case .overtaken:
            overtaken += 1
        }
    }
}
