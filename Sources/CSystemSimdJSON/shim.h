// Empty on purpose: simdjson's header is C++ and is included by CSimdJSON alone. This target exists for the
// package manager: it names the Debian package to install and links the library.
