#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many descriptors this process may have.
package enum DescriptorLimit {
    /// More than any number of connections that makes sense here.
    private static let most: rlim_t = 65_536

    /// As many as the system grants for the asking. A shell begins with 1024, for programs that use select(2), and
    /// `limits.connections` alone are as many.
    package static func raise() {
        #if canImport(Glibc)
            let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let descriptors = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, most))
        _ = setrlimit(descriptors, &limit)
    }
}
