#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The version of the program: in health, metrics, `--version` and the `User-Agent` of its requests.
package let reloaderVersion = "0.1.0"

/// How many processors this machine has.
func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
