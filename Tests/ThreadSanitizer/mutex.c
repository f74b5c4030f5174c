// Preloaded by `make tsan`: tells the thread sanitizer what a contended `Synchronization.Mutex` does.
//
// The quick way of lock and unlock is compiled into our code, where the sanitizer sees it. The slow way lies in the
// standard library, which is not instrumented: a lock that was waited for looks like none, and what it guards like a race
// (ten lines of Swift with one Mutex are enough). These two stand before the library's functions of the same name. Nothing
// is suppressed: a race beside the lock is still told.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Missing in a process that was not built with the sanitizer.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

typedef SWIFT void LockSlow(uint32_t thread, SELF);
typedef SWIFT void UnlockSlow(SELF);

// Looked up each time: a cache would be a race of its own, and waiting for a lock costs more.
SWIFT void lock_slow(uint32_t thread, SELF mutex) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, SELF mutex) {
    ((LockSlow *)dlsym(RTLD_NEXT, LOCK_SLOW))(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF mutex) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(SELF mutex) {
    if (__tsan_release) __tsan_release(mutex);
    ((UnlockSlow *)dlsym(RTLD_NEXT, UNLOCK_SLOW))(mutex);
}
