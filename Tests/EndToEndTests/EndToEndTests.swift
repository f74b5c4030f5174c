import Testing

/// Everything that runs the real binaries, one test after another: each test's processes take the machine's cores.
@Suite("End to end", .serialized, .timeLimit(.minutes(2)))
enum EndToEndTests {}
