#include "CPronunciations.h"

static const uint8_t bytes[] = {
#embed "pronunciations.bin"
};

const uint8_t *cpronunciations_bytes(void) { return bytes; }

size_t cpronunciations_count(void) { return sizeof bytes; }
