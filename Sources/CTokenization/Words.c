// Words looked up in a flat table; CTokenization.h says what is in it.

#include "CTokenization.h"

#include <stdbool.h>

typedef struct {
  uint64_t low, high, third, fourth;
} slot;

/// Keys are made this many words at a time, and as many words ahead of those that are looked up: the
/// slots that were asked for have then arrived.
enum { step = 32 };

enum { longest_word = 15 };

/// The bits of a word's two integers by its length; none for 0, which stands for a word too long.
static const struct {
  uint64_t low, high;
} masks[longest_word + 1] = {
#define SHORT(n) {~(uint64_t)0 >> (64 - 8 * n), 0}
#define LONG(n) {~(uint64_t)0, ((uint64_t)1 << (8 * n - 64)) - 1}
  {0, 0},  SHORT(1), SHORT(2), SHORT(3), SHORT(4),  SHORT(5),  SHORT(6),  SHORT(7),
  SHORT(8), LONG(9), LONG(10), LONG(11), LONG(12), LONG(13), LONG(14), LONG(15),
#undef SHORT
#undef LONG
};

static inline uint64_t load(const uint8_t *bytes) {
  uint64_t value;
  memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static inline uint64_t hash_of(uint64_t low, uint64_t high) {
  // As ShortWord.hash in Swift.
  uint64_t mixed = low ^ (high * 0x9e3779b97f4a7c15);
  unsigned __int128 product = (unsigned __int128)mixed * 0xd6e8feb86659fd93;
  return (uint64_t)(product >> 64) ^ (uint64_t)product ^ (high >> 32);
}

/// Makes the key of the 16 bytes at a word, of which `length` are the word, and asks for its slot.
static inline __attribute__((always_inline)) void
make_key(uint64_t low, uint64_t high, uint64_t length, slot *key, const slot *slots, int64_t shift) {
  // Without a branch: neither the length nor whether it is too long can be foretold.
  length = length > longest_word ? 0 : length;
  low &= masks[length].low;
  high = (high & masks[length].high) | length << 56;
  uint64_t hash = hash_of(low, high);
  key->low = low;
  key->high = high;
  key->third = hash;
  __builtin_prefetch(&slots[hash >> shift]);
}

/// The key of a word near an end of the text, or one whose first byte is a blank before it.
static __attribute__((noinline)) void
make_edge_key(const ct_words *words, int64_t from, int64_t end, slot *key) {
  int64_t length = end - from;
  uint64_t low = 0, high = 0;
  if (length <= longest_word) {
    uint8_t bytes[16] = {0};
    if (from < 0)
      bytes[0] = ' ', memcpy(bytes + 1, words->text, (size_t)end);
    else
      memcpy(bytes, words->text + from, (size_t)length);
    low = load(bytes);
    high = load(bytes + 8);
  }
  make_key(low, high, (uint64_t)length, key, words->slots, words->shift);
}

/// Makes the keys of the words up to `last`.
static inline __attribute__((always_inline)) void
make_keys(const ct_words *words, int64_t last, slot *keys) {
  int64_t index = words->keyed;
  if (index >= last) return;
  int64_t from = index == 0 ? words->start : (int64_t)words->ends[index - 1];
  const uint8_t *text = words->text;
  const uint32_t *ends = words->ends;
  const slot *slots = words->slots;
  int64_t shift = words->shift;
  if (__builtin_expect(from >= 0 && (int64_t)ends[last - 1] + 16 <= words->size, 1)) {
    for (; index < last; index++) {
      int64_t end = ends[index];
      make_key(load(text + from), load(text + from + 8), (uint64_t)(end - from), &keys[index],
               slots, shift);
      from = end;
    }
  } else {
    for (; index < last; index++) {
      int64_t end = ends[index];
      if (from < 0 || from + 16 > words->size)
        make_edge_key(words, from, end, &keys[index]);
      else
        make_key(load(text + from), load(text + from + 8), (uint64_t)(end - from), &keys[index],
                 slots, shift);
      from = end;
    }
  }
}

/// Whether a slot holds another word than the key's.
static inline bool differs(const slot *found, const slot *key) {
  return ((found->low ^ key->low) | (found->high ^ key->high)) != 0;
}

/// The slot of a word that is not in its first place, or the free one where it belongs.
static inline __attribute__((always_inline)) slot *
find(const slot *key, slot *slots, int64_t shift) {
  uint64_t mask = ((uint64_t)1 << (64 - shift)) - 1;
  uint64_t place = key->third >> shift;
  while (differs(&slots[place], key) && slots[place].high != 0) place = (place + 1) & mask;
  return &slots[place];
}

/// `ct_copy_ids` for one size of ids.
static inline __attribute__((always_inline)) int64_t
copy_ids(ct_words *given, int64_t word, int64_t id_bytes, uint8_t *batch, int64_t *bytes) {
  ct_words words = *given;
  slot *keys = words.keys;
  slot *slots = words.slots;
  int64_t shift = words.shift;
  uint8_t *out = batch;
  while (word < words.count) {
    int64_t last = word + 2 * step < words.count ? word + 2 * step : words.count;
    make_keys(&words, last, keys);
    words.keyed = last > words.keyed ? last : words.keyed;
    if (last < words.count) last = word + step;
    for (; word < last; word++) {
      const slot *key = &keys[word];
      const slot *found = &slots[key->third >> shift];
      uint64_t count = found->fourth >> 48;
      // A key of zeros is only like a free slot, which has no ids.
      if (__builtin_expect(differs(found, key) | (count - 1 > 6), 0)) {
        found = find(key, slots, shift);
        count = found->fourth >> 48;
        if (key->high == 0 || count - 1 > 6) goto out;
      }
      memcpy(out, &found->third, 16);
      out += count * id_bytes;
    }
  }
out:
  *bytes = out - batch;
  given->keyed = words.keyed;
  return word;
}

int64_t ct_copy_ids(ct_words *words, int64_t word, int64_t id_bytes, uint8_t *batch,
                    int64_t *bytes) {
  return id_bytes == 2 ? copy_ids(words, word, 2, batch, bytes)
                       : copy_ids(words, word, 4, batch, bytes);
}

int64_t ct_count_words(ct_words *given, int64_t word, uint64_t weight) {
  ct_words words = *given;
  slot *keys = words.keys;
  slot *slots = words.slots;
  int64_t shift = words.shift;
  while (word < words.count) {
    int64_t last = word + 2 * step < words.count ? word + 2 * step : words.count;
    make_keys(&words, last, keys);
    words.keyed = last > words.keyed ? last : words.keyed;
    if (last < words.count) last = word + step;
    for (; word < last; word++) {
      const slot *key = &keys[word];
      slot *found = &slots[key->third >> shift];
      if (__builtin_expect(differs(found, key) || key->high == 0, 0)) {
        found = find(key, slots, shift);
        if (found->high == 0) goto out;
      }
      found->third += weight;
    }
  }
out:
  given->keyed = words.keyed;
  return word;
}
