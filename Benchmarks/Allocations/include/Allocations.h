#pragma once
/// Blocks of memory that this process has asked for so far, with malloc, calloc and realloc.
unsigned long allocations(void);
