import Foundation

/// What every delivery runs, in the order of the calls: the linker puts these functions side by side. Where they are
/// scattered over the whole program, a delivery touches five times as many pages of it, and half as many cache lines again.
func symbolOrder(in folder: URL) throws {
    let (short, long) = (500, 2500)
    var seen: Set<String> = []
    for journal in [false, true] {
        let reloader = try Contestant.reloader(in: folder, journal: journal)
        var graph = CallGraph(try Profile(reloader, requests: long, folder: folder))
        graph.subtract(CallGraph(try Profile(reloader, requests: short, folder: folder)))
        for symbol in graph.order(atLeast: (long - short) / 4) where seen.insert(symbol).inserted { print(symbol) }
    }
}

/// How often each function called each other one.
private struct CallGraph {
    private var calls: [String: [String: Int]]

    init(_ profile: Profile) { calls = profile.calls }

    mutating func subtract(_ other: Self) {
        for (caller, callees) in other.calls {
            for (callee, count) in callees { calls[caller]?[callee]? -= count }
        }
    }

    /// Each function once, before what it calls.
    func order(atLeast least: Int) -> [String] {
        let often = calls.mapValues { $0.filter { $0.value >= least }.keys.sorted() }.filter { !$0.value.isEmpty }
        let called = Set(often.values.joined())
        var order: [String] = []
        var seen: Set<String> = []
        func visit(_ function: String) {
            guard seen.insert(function).inserted else { return }
            // One without a name is another library's.
            if called.contains(function), !function.hasPrefix("0x") { order.append(function) }
            for callee in often[function] ?? [] { visit(callee) }
        }
        for root in often.keys.sorted() where !called.contains(root) { visit(root) }
        for function in often.keys.sorted() { visit(function) }
        return order
    }
}
