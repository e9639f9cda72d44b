#include "CPronunciations.h"

// Clang has #embed in every C; it is standard in C23.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t bytes[] = {
#embed "pronunciations.bin"
};

const uint8_t *cpronunciations_bytes(void) { return bytes; }

size_t cpronunciations_count(void) { return sizeof bytes; }
