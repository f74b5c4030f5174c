import Synchronization

/// One request in flight per key: who asks while one is under way gets its answer. The request goes on when one who
/// waits is cancelled, and is cancelled when nobody waits any more.
final class SharedFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Flight {
        var task: Task<Value, Never>
        var number: Int
        var waiting: Int
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// `request` runs if none is in flight for the key.
    func value(for key: Key, request: @escaping @Sendable () async -> Value) async -> Value {
        let flight = state.withLock { state in
            if var flight = state.flights[key] {
                flight.waiting += 1
                state.flights[key] = flight
                return flight
            }
            state.lastNumber += 1
            let number = state.lastNumber
            let task = Task {
                let value = await request()
                self.landed(key, number)
                return value
            }
            let flight = Flight(task: task, number: number, waiting: 1)
            state.flights[key] = flight
            return flight
        }
        return await withTaskCancellationHandler {
            await flight.task.value
        } onCancel: {
            gaveUp(key, flight.number)
        }
    }

    private func landed(_ key: Key, _ number: Int) {
        state.withLock { state in
            if state.flights[key]?.number == number { state.flights[key] = nil }
        }
    }

    private func gaveUp(_ key: Key, _ number: Int) {
        let abandoned = state.withLock { state -> Task<Value, Never>? in
            guard var flight = state.flights[key], flight.number == number else { return nil }
            flight.waiting -= 1
            state.flights[key] = flight.waiting == 0 ? nil : flight
            return flight.waiting == 0 ? flight.task : nil
        }
        abandoned?.cancel()
    }
}
