#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The pages of code that this process has read from the program's and its libraries' files.
///
/// A start reads far more of them than serving does: reading the command line and the configuration looks through every
/// protocol conformance in the program. A page once read counts as resident until the machine is short of memory, which
/// is two thirds of an idle service's memory.
package enum ProgramPages {
    /// Takes the pages out of this process. They stay in the system's page cache, and the ones that are needed again come
    /// back from there by themselves. Does nothing where there is no `/proc`.
    package static func giveBack() {
        let maps = (try? InputFile.bytes(of: "/proc/self/maps")) ?? []
        for range in code(in: String(decoding: maps, as: UTF8.self)) {
            let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound)
            // Advice: what cannot be followed changes nothing.
            _ = madvise(start, range.count, Int32(MADV_DONTNEED))
        }
    }

    /// The addresses of the code in lines of /proc/self/maps (proc_pid_maps(5)). Only what may be executed and not be
    /// written: a file's mapping that is read-only may have been written before (RELRO), and would be lost.
    static func code(in maps: String) -> [Range<UInt>] {
        maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/") else {
                return nil
            }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1] else { return nil }
            return ends[0]..<ends[1]
        }
    }
}
