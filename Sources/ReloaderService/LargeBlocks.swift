#if canImport(Glibc)
    import CLinux
#endif

/// The heap's large blocks, in which bodies lie.
package enum LargeBlocks {
    /// From now on one of 128 KiB and more goes back to the system as soon as it is freed.
    ///
    /// By itself glibc raises that bound to the size of the largest one that was ever freed (mallopt(3)), and after a
    /// flood of bodies keeps what they took.
    package static func giveBackWhenFreed() {
        #if canImport(Glibc)
            _ = mallopt(M_MMAP_THRESHOLD, 128 * 1024)
        #endif
    }
}
