import Journal
import Testing
import Vocabulary

/// Entries, and what they leave.
struct Meaning: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var entries: [JournalEntry]
    var image: JournalImage

    private init(_ description: String, _ entries: [JournalEntry], _ image: JournalImage) {
        testDescription = description
        self.entries = entries
        self.image = image
    }

    private static let one = Example.id(1)
    private static let two = Example.id(2)
    private static let first: [JournalEntry] = [
        .job(Example.job(1)), .changed(one, [Example.change("EKKO", since: 5)]),
    ]
    private static let second: [JournalEntry] = [
        .job(Example.job(2)), .changed(two, [Example.change("EKPO", since: 9)]),
    ]

    static let all: [Self] = jobs + changes + moves + others

    private static let jobs: [Self] = [
        Self(
            "a table whose name a rule has a word for stays a table",
            [
                .job(Example.job(1, .failed(culprits: [.table("*"), .table("data_source:x"), .everything]))),
                .changed(one, [Example.change(.everything, since: 1), Example.change(.dataSource("x"), since: 2)]),
                .changed(
                    one,
                    ["*", "data_source:x", "table:y", "table:"].map { Example.change(.table($0), since: 3) }
                ),
            ],
            JournalImage(jobs: [
                Example.recovered(
                    Example.job(1, .failed(culprits: [.table("*"), .table("data_source:x"), .everything])),
                    Example.change(.everything, since: 1),
                    Example.change(.dataSource("x"), since: 2),
                    Example.change(.table("*"), since: 3),
                    Example.change(.table("data_source:x"), since: 3),
                    Example.change(.table("table:"), since: 3),
                    Example.change(.table("table:y"), since: 3)
                )
            ])
        ),
        Self("a job without changes", [.job(Example.job(1))], JournalImage(jobs: [Example.recovered(Example.job(1))])),
        Self(
            "a job told again keeps its changes",
            first + [.job(Example.job(1, .failed(culprits: [Selector("EKPO"), .everything, .dataSource("7f1a")])))],
            JournalImage(jobs: [
                Example.recovered(
                    Example.job(1, .failed(culprits: [Selector("EKPO"), .everything, .dataSource("7f1a")])),
                    Example.change("EKKO", since: 5)
                )
            ])
        ),
        Self(
            "another phase replaces the one before, culprits included",
            [
                .job(Example.job(1, .failed(culprits: [Selector("EKPO")]))), .job(Example.job(1)),
                .job(Example.job(2, .loading(LoadBaseline(mark: "l-1")))),
                .job(Example.job(2, .sending(LoadBaseline(mark: "l-1")))),
                .job(Example.job(2, .answered(LoadBaseline(mark: nil)))),
            ],
            JournalImage(jobs: [
                Example.recovered(Example.job(1)),
                Example.recovered(Example.job(2, .answered(LoadBaseline(mark: nil)))),
            ])
        ),
        Self(
            "the end of a job forgets only what is its own",
            first + second + [.ended(one), .ended(one)],
            JournalImage(jobs: [Example.recovered(Example.job(2), Example.change("EKPO", since: 9))])
        ),
    ]

    private static let changes: [Self] = [
        Self(
            "of two changes of one selector the earlier time and the stricter policy stay",
            [
                .job(Example.job(1)),
                .changed(one, [Example.change("EKKO", .ignore, since: 5), Example.change("EKPO", .fail, since: 5)]),
                .changed(one, [Example.change("EKKO", .fail, since: 9), Example.change("EKPO", .ignore, since: 1)]),
            ],
            JournalImage(jobs: [
                Example.recovered(
                    Example.job(1),
                    Example.change("EKKO", .fail, since: 5),
                    Example.change("EKPO", .fail, since: 1)
                )
            ])
        ),
        Self(
            "everything, a connection and tables stand side by side, in the order of their bytes",
            [
                .job(Example.job(1)),
                .changed(one, ["b", "a", "*", "data_source:7f1a", "B", "\u{E4}"].map { Example.change($0) }),
            ],
            JournalImage(jobs: [
                RecoveredJob(
                    job: Example.job(1),
                    changes: ["*", "B", "a", "b", "data_source:7f1a", "\u{E4}"].map { Example.change($0) }
                )
            ])
        ),
    ]

    private static let moves: [Self] = [
        Self(
            "selectors that move, and one that the job does not have",
            first + second
                + [
                    .changed(one, [Example.change("EKPO", .ignore, since: 3)]),
                    .moved([Selector("EKPO"), Selector("VBAK")], from: one, to: two),
                ],
            JournalImage(jobs: [
                Example.recovered(Example.job(1), Example.change("EKKO", since: 5)),
                Example.recovered(Example.job(2), Example.change("EKPO", .fail, since: 3)),
            ])
        ),
        Self(
            "a merge takes everything along, the remembered events too",
            first + second + [.remembered(Example.event(1, jobs: [1, 2])), .remembered(Example.event(2, jobs: [1]))]
                + [.merged(one, into: two)],
            JournalImage(
                jobs: [
                    Example.recovered(
                        Example.job(2),
                        Example.change("EKKO", since: 5),
                        Example.change("EKPO", since: 9)
                    )
                ],
                remembered: [Example.event(1, jobs: [2]), Example.event(2, jobs: [2])]
            )
        ),
        Self(
            "a job of which a part goes on as another shares its events with it",
            first + second + [.remembered(Example.event(1, jobs: [1])), .remembered(Example.event(2, jobs: [7]))]
                + [.moved([Selector("EKKO")], from: one, to: two)],
            JournalImage(
                jobs: [
                    Example.recovered(Example.job(1)),
                    Example.recovered(
                        Example.job(2),
                        Example.change("EKKO", since: 5),
                        Example.change("EKPO", since: 9)
                    ),
                ],
                remembered: [Example.event(1, jobs: [1, 2]), Example.event(2, jobs: [7])]
            )
        ),
        Self(
            "a job neither moves nor merges into itself",
            first + [.moved([Selector("EKKO")], from: one, to: one), .merged(one, into: one)],
            JournalImage(jobs: [Example.recovered(Example.job(1), Example.change("EKKO", since: 5))])
        ),
    ]

    private static let others: [Self] = [
        Self(
            "holds are of models by name and ids, and are there once",
            [.held(Example.payments), .held(Example.orders), .held(Example.orders), .released(Example.payments)],
            JournalImage(held: [Example.orders])
        ),
        Self(
            "an event is remembered once, under its key",
            [
                .remembered(Example.event(1, key: [1])), .remembered(Example.event(2, key: [1], jobs: [3, 2, 3])),
                .remembered(Example.event(3, key: [3])), .forgotten(EventID(rawValue: 3)),
                .forgotten(EventID(rawValue: 4)), .remembered(Example.event(5, key: [])),
            ],
            JournalImage(remembered: [Example.event(2, key: [1], jobs: [2, 3]), Example.event(5, key: [])])
        ),
        Self(
            "all events of a job are forgotten with it, and a job that is settled has none",
            [
                .remembered(Example.event(1, key: [1], jobs: [1])),
                .remembered(Example.event(2, key: [2], jobs: [1, 2])),
                .remembered(Example.event(3, key: [3], jobs: [2, 3])),
                .remembered(Example.event(4, key: [4], jobs: [3])),
                .forgottenWith(one), .settled(Example.id(3)), .settled(Example.id(9)), .forgottenWith(Example.id(9)),
            ],
            JournalImage(remembered: [Example.event(3, key: [3], jobs: [2]), Example.event(4, key: [4], jobs: [])])
        ),
        Self(
            "what came before the oldest remembered event is forgotten",
            [
                .remembered(Example.event(1)), .remembered(Example.event(2, jobs: [1, 2])),
                .remembered(Example.event(3)), .remembered(Example.event(4), oldest: EventID(rawValue: 3)),
                .remembered(Example.event(2, key: [9]), oldest: EventID(rawValue: 1)),
            ],
            JournalImage(remembered: [Example.event(2, key: [9]), Example.event(3), Example.event(4)])
        ),
    ]
}
