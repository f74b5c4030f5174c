import Foundation

/// What every delivery runs, in the order of the calls: the linker puts these functions side by side. Where they are
/// scattered over the whole program, a delivery touches five times as many pages of it, and half as many cache lines again.
func symbolOrder(in folder: URL) throws {
    let (short, long) = (500, 2500)
    var seen: Set<String> = []
    for journal in [false, true] {
        let reloader = try Contestant.reloader(in: folder, journal: journal)
        var graph = try CallGraph(reloader, requests: long, folder: folder)
        graph.subtract(try CallGraph(reloader, requests: short, folder: folder))
        for symbol in graph.order(atLeast: (long - short) / 4) where seen.insert(symbol).inserted { print(symbol) }
    }
}

/// How often each function called each other one, by callgrind.
private struct CallGraph {
    private var calls: [String: [String: Int]] = [:]

    init(_ contestant: Contestant, requests: Int, folder: URL) throws {
        let profile = folder.appendingPathComponent("callgrind.out")
        try Counts.run(contestant, requests: requests, profile: profile)
        var names: [Substring: String] = [:]
        /// A name has its text only where it stands first; what calls itself has a number behind it.
        func name(_ line: Substring) -> String {
            let number = line.prefix { $0 != ")" }
            let text = line.dropFirst(number.count + 2).prefix { $0 != "'" }
            if !text.isEmpty { names[number] = String(text) }
            return names[number] ?? ""
        }
        var (caller, callee) = ("", "")
        for line in try String(contentsOf: profile, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("fn=(") {
                caller = name(line.dropFirst(4))
            } else if line.hasPrefix("cfn=(") {
                callee = name(line.dropFirst(5))
            } else if line.hasPrefix("calls=") {
                calls[caller, default: [:]][callee, default: 0] += Int(line.dropFirst(6).prefix { $0 != " " }) ?? 0
            }
        }
    }

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
