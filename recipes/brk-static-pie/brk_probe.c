/*
 * brk_probe - asks the kernel for heap the way a program's start does.
 *
 * A static PIE and its brk area are placed at random. On a kernel with the bug
 * (https://bugzilla.kernel.org/show_bug.cgi?id=215720) both lie in the same window, and
 * sometimes the program stands where the heap has to grow: brk() refuses.
 *
 * The C library hides it: glibc 2.36 and later falls back to mmap(). So the program calls
 * brk() itself, for the 0x21b98 bytes that glibc 2.35 asked for at start.
 *
 * The chance of a refusal is about the size of the program divided by the window of 1 GiB;
 * BSS_MIB makes the program as large as wanted (32: 3 in 100).
 *
 * Exit: 0 brk() gave the heap, 1 brk() refused.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#ifndef BSS_MIB
#define BSS_MIB 32
#endif

/* Never touched: it costs address space, not memory. */
static volatile char ballast[(BSS_MIB << 20) + 1];

int main(void)
{
    const unsigned long heap_size_bytes = 0x21b98;
    unsigned long start = (unsigned long)syscall(SYS_brk, 0);
    unsigned long end = (unsigned long)syscall(SYS_brk, start + heap_size_bytes);

    return end < start + heap_size_bytes ? 1 : (int)ballast[0];
}
