// The compression function of SHA-256 (FIPS 180-4) with the processor's own instructions.
//
// Nothing else: padding, buffering and the plain version for other processors are in Swift, in the
// room Documents, which asks once whether this one can run.

#ifndef CSHA256_H
#define CSHA256_H

#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instructions that `csha256_compress` uses.
int csha256_is_available(void);

/// Takes `count` blocks of 64 bytes into the eight words of `state`.
///
/// Must only be called where `csha256_is_available` says so.
void csha256_compress(uint32_t state[8], const uint8_t *bytes, size_t count);

#endif
