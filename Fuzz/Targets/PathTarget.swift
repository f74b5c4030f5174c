@testable import JSONPath

private let tight = QueryText(blank: "")
private let loose = QueryText(blank: " \t\r\n")

/// The input is a query. One that compiles means the same when it is written out and compiled again, with blank space
/// and without; one that does not says where.
let fuzzPath: FuzzTarget = { input in
    let text = String(decoding: input, as: UTF8.self)
    do throws(JSONPathError) {
        let path = try JSONPath(text)
        let written = tight.text(path.query)
        for again in [written, loose.text(path.query)] {
            do throws(JSONPathError) {
                let path = try JSONPath(again)
                check(tight.text(path.query) == written, "\(again) means something else than \(written)")
            } catch {
                // Written out in full it has more brackets.
                check(error.message.hasPrefix("nested too deep"), "\(again): \(error)")
            }
        }
        check(path.isSingular == (path.query.singular?.segments.count == path.query.segments.count), "isSingular")
        if let singular = path.query.singular {
            let straight = tight.text(Query(root: .document, segments: singular.segments))
            check(straight == written, "the straight walk differs: \(straight)")
        }
    } catch {
        check((0...text.utf8.count).contains(error.offset), "an error outside the text: \(error)")
        check(!error.message.isEmpty, "an error without a message")
    }
}
