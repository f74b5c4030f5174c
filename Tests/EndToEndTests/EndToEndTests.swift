import Testing

/// Everything that runs the real binaries, one test after another: each starts processes, and what a process inherits
/// from another's start must not keep that one's pipes open.
@Suite("End to end", .serialized, .timeLimit(.minutes(2)))
enum EndToEndTests {}
