// The CMU Pronouncing Dictionary as syllable counts, inside the program: nothing is read from disk.
//
// Nothing else: the table that look-ups use is built in Swift, in the room Metrics. pronunciations.py
// made the data and says how they are laid out; LICENSE is the dictionary's notice.

#ifndef CPRONUNCIATIONS_H
#define CPRONUNCIATIONS_H

#include <stddef.h>
#include <stdint.h>

/// The bytes of pronunciations.bin, which live as long as the program.
const uint8_t *cpronunciations_bytes(void);

/// How many there are.
size_t cpronunciations_count(void);

#endif
