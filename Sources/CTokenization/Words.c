// Words looked up in a flat table; CTokenization.h says what is in it.

#include "CTokenization.h"

typedef struct {
  uint64_t low, high, third, fourth;
} slot;

/// The words ahead of the one at hand whose slots are asked for, so that these have arrived when they
/// are looked at.
enum { distance = 24 };

enum { longest_word = 15 };

static inline uint64_t hash_of(uint64_t low, uint64_t high) {
  // As ShortWord.hash in Swift.
  uint64_t mixed = low ^ (high * 0x9e3779b97f4a7c15);
  unsigned __int128 product = (unsigned __int128)mixed * 0xd6e8feb86659fd93;
  return (uint64_t)(product >> 64) ^ (uint64_t)product ^ (high >> 32);
}

/// A word near the end of a text, or one whose first byte is a blank before it.
static __attribute__((noinline)) slot edge_key(const ct_words *words, int64_t from, int64_t end) {
  uint8_t bytes[16] = {0};
  int64_t at = 0;
  if (from < 0) bytes[at++] = ' ', from = 0;
  while (from < end) bytes[at++] = words->text[from++];
  slot key;
  memcpy(&key.low, bytes, 8);
  memcpy(&key.high, bytes + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  key.low = __builtin_bswap64(key.low);
  key.high = __builtin_bswap64(key.high);
#endif
  key.high |= (uint64_t)at << 56;
  key.third = hash_of(key.low, key.high);
  return key;
}

static inline __attribute__((always_inline)) void
make_key(const ct_words *words, int64_t index, int64_t from, slot *key, const slot *slots) {
  int64_t end = words->ends[index];
  int64_t length = end - from;
  if (__builtin_expect(length > longest_word, 0)) {
    *key = (slot){0, 0, 0, 0};
    return;
  }
  if (__builtin_expect(from < 0 || from + 16 > words->size, 0)) {
    *key = edge_key(words, from, end);
  } else {
    uint64_t low, high;
    memcpy(&low, words->text + from, 8);
    memcpy(&high, words->text + from + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    low = __builtin_bswap64(low);
    high = __builtin_bswap64(high);
#endif
    // Without a branch: whether a word has more than eight bytes cannot be foretold.
    int64_t bits = length * 8;
    int64_t low_bits = bits < 64 ? bits : 64;
    int64_t high_bits = bits < 64 ? 64 : bits;
    low &= ~(uint64_t)0 >> (64 - low_bits);
    high &= ((uint64_t)1 << (high_bits - 64)) - 1;
    high |= (uint64_t)length << 56;
    key->low = low;
    key->high = high;
    key->third = hash_of(low, high);
  }
  __builtin_prefetch(&slots[key->third >> words->shift]);
}

/// Makes the key of one more word, if there is one.
static inline __attribute__((always_inline)) int64_t
look_ahead(const ct_words *words, int64_t keyed, slot *keys, const slot *slots) {
  if (keyed >= words->count) return keyed;
  int64_t from = keyed == 0 ? words->start : (int64_t)words->ends[keyed - 1];
  make_key(words, keyed, from, &keys[keyed], slots);
  return keyed + 1;
}

/// The slot of a word, or the free one where it belongs.
static inline __attribute__((always_inline)) uint64_t
find(const slot *key, const slot *slots, int64_t shift, uint64_t mask) {
  uint64_t place = key->third >> shift;
  while (((slots[place].low ^ key->low) | (slots[place].high ^ key->high)) != 0 &&
         slots[place].high != 0)
    place = (place + 1) & mask;
  return place;
}

int64_t ct_copy_ids(ct_words *given, int64_t word, int64_t id_bytes, uint8_t *batch,
                    int64_t *bytes) {
  ct_words words = *given;
  slot *keys = words.keys;
  const slot *slots = words.slots;
  uint64_t mask = ((uint64_t)1 << (64 - words.shift)) - 1;
  int64_t keyed = words.keyed;
  while (keyed < distance && keyed < words.count)
    keyed = look_ahead(&words, keyed, keys, slots);
  uint8_t *out = batch;
  for (; word < words.count; word++) {
    keyed = look_ahead(&words, keyed, keys, slots);
    if (keys[word].high == 0) break;
    const slot *found = &slots[find(&keys[word], slots, words.shift, mask)];
    uint64_t count = found->fourth >> 48;
    if (found->high == 0 || count > 7) break;
    memcpy(out, &found->third, 16);
    out += count * id_bytes;
  }
  *bytes = out - batch;
  given->keyed = keyed;
  return word;
}

int64_t ct_count_words(ct_words *given, int64_t word, uint64_t weight) {
  ct_words words = *given;
  slot *keys = words.keys;
  slot *slots = words.slots;
  uint64_t mask = ((uint64_t)1 << (64 - words.shift)) - 1;
  int64_t keyed = words.keyed;
  while (keyed < distance && keyed < words.count)
    keyed = look_ahead(&words, keyed, keys, slots);
  for (; word < words.count; word++) {
    keyed = look_ahead(&words, keyed, keys, slots);
    if (keys[word].high == 0) break;
    slot *found = &slots[find(&keys[word], slots, words.shift, mask)];
    if (found->high == 0) break;
    found->third += weight;
  }
  given->keyed = keyed;
  return word;
}
