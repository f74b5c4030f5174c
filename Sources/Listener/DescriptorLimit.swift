import Glibc

/// How many descriptors this process may have.
package enum DescriptorLimit {
    /// More than any number of connections that makes sense here.
    private static let most: rlim_t = 65_536
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// nil where the system does not tell.
    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? limit : nil
    }

    /// The first of the last few, 32 of them where there are enough, which connections leave to others: calls to Celonis,
    /// files that are read again.
    static var reserve: CInt {
        guard let count = limit?.rlim_cur else { return .max }
        return CInt(clamping: count - min(count / 4, 32))
    }

    /// As many as the system grants for the asking. A shell begins with 1024, for programs that use select(2), and
    /// `limits.connections` alone are as many.
    package static func raise() {
        guard var limit else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, most))
        _ = setrlimit(resource, &limit)
    }
}
