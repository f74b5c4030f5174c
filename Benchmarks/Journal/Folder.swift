import Foundation
import Journal
import ReloadQueue
import Synchronization
import Vocabulary

/// A folder on the disk that the program is built on, which is what is measured; not one in memory.
struct Folder {
    let url: URL

    init() throws {
        url = executables.appendingPathComponent("bench-journal-\(getpid())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func remove() { try? FileManager.default.removeItem(at: url) }
}

/// Where this program and what was built beside it lie.
let executables = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.deletingLastPathComponent()

/// Why there is no measurement.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func models(_ count: Int) -> [ModelReference] {
    (0..<count).map { ModelReference(name: "model-\($0)", poolID: "pool", dataModelID: "data-model-\($0)") }
}

extension ReloadQueue {
    /// The queue as the service builds it, on the journal in that file, which is checked meanwhile.
    static func open(_ path: String, _ models: [ModelReference], _ policy: ModelPolicy) throws -> ReloadQueue {
        let journal = try SQLiteJournal(path: path, sync: .full)
        let image = try journal.recover()
        let writer = JournalWriter(journal)
        let end = Mutex<Result<Void, any Error>>(.success(()))
        let isChecked = DispatchSemaphore(value: 0)
        Task {
            do { try await writer.check() } catch { end.withLock { $0 = .failure(error) } }
            isChecked.signal()
        }
        let queue = ReloadQueue(
            settings: QueueSettings(
                models: Dictionary(uniqueKeysWithValues: models.map { ($0, policy) }),
                maxConcurrentLoads: models.count
            ),
            time: SystemClock(),
            runner: InstantRunner(),
            journal: (writer, image)
        )
        isChecked.wait()
        try end.withLock { try $0.get() }
        queue.begin()
        return queue
    }

    /// One event, which changes one table.
    func submit(_ number: Int, _ table: String, of model: ModelReference) -> Admission {
        submit(
            event: EventID(rawValue: UInt64(number)),
            changes: [ModelChanges(model: model, selectors: SelectorSet([.table(table)]))],
            remembering: RememberedKey(number)
        )
    }

    /// Groups that reached the disk.
    var commits: UInt64 { journal?.status.commits ?? 0 }
}

extension RememberedKey {
    init(_ number: Int) {
        self.init(
            source: "fivetran",
            key: DuplicateKey(words: SIMD4(repeating: UInt64(number) &* 0x9e37_79b9_7f4a_7c15)),
            expiresAt: WallTime(milliseconds: SystemClock().now().wall.milliseconds + 345_600_000)
        )
    }
}

/// A Celonis whose loads take no time.
private struct InstantRunner: LoadRunner {
    func look(at model: ModelReference) async -> Look { .free(LoadBaseline(mark: "load")) }

    func run(_ order: LoadOrder, progress: @escaping @Sendable (LoadProgress) async -> Void) async -> LoadResult {
        await progress(.sending)
        await progress(.answered(order.baseline))
        return LoadResult(end: .succeeded, tables: order.selectors.texts)
    }

    func resume(_ order: LoadOrder, _ load: ResumedLoad) async -> LoadResult { LoadResult(end: .succeeded) }
}
