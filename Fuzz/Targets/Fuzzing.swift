import Glibc
import Vocabulary

/// A function under test with what must hold for every input.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

/// One binary holds all targets, so that the instrumented code is built once; `FUZZ_TARGET` names the one to run.
private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    switch name {
    case "signature": return fuzzSignature
    case "token": return fuzzToken
    case "encoding": return fuzzEncoding
    case "diagnosis": return fuzzDiagnosis
    case "json": return fuzzJSON
    case "path": return fuzzPath
    case "evaluation": return fuzzEvaluation
    case "pattern": return fuzzPattern
    case "request": return fuzzRequest
    default: fatalError("FUZZ_TARGET names no target: '\(name)'")
    }
}()

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Where the package manager makes this binary begin, in place of libFuzzer's own `main`.
@_cdecl("reloader_fuzz_main")
public func main() -> CInt {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    return runFuzzer(&count, &arguments, fuzzOneInput)
}

/// Stops the run with the input that broke a promise.
func check(_ holds: Bool, _ promise: @autoclosure () -> String) {
    if !holds { fatalError(promise()) }
}

/// Header values from an input: its lines.
func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
    }
}

/// The same fields with white space around every value, which is no part of it (RFC 9110 §5.5).
func padded(_ headers: HeaderList) -> HeaderList {
    HeaderList(headers.fields.map { ($0.name, " \t" + $0.value + "\t ") })
}

/// A value without the white space around it, cut in another way than the code under test does it.
func bare(_ value: String) -> String {
    var scalars = Array(value.unicodeScalars)
    while let last = scalars.last, last == " " || last == "\t" { scalars.removeLast() }
    while let first = scalars.first, first == " " || first == "\t" { scalars.removeFirst() }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
}
