// The byte loops of the tokenizer in C: which bits of 64 bytes belong to which class, and words
// looked up in a flat table, which the encoder and the counter of pretokens have in common.
//
// Swift has no prefetch, which a table larger than the second cache needs; its own vectors give the
// masks at three quarters of the speed, and with its bounds checks the loop over words runs out of
// registers and takes half as long again. Vector extensions of Clang, no intrinsics of one
// processor. Nothing here allocates or checks a bound: the Swift functions of Tokenization are the
// only callers and do.

#ifndef CTOKENIZATION_H
#define CTOKENIZATION_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

/// One bit a byte of a block of 64, the lowest for the first.
typedef struct {
  /// A to Z and a to z.
  uint64_t letter;
  /// 0 to 9.
  uint64_t digit;
  /// U+0009 to U+000D and the blank.
  uint64_t space;
  /// The blank.
  uint64_t blank;
  /// The apostrophe.
  uint64_t quote;
  /// Bytes of scalars beyond ASCII.
  uint64_t high;
} ct_masks;

typedef uint8_t ct_bytes __attribute__((ext_vector_type(16)));
typedef _Bool ct_bits __attribute__((ext_vector_type(16)));

static inline __attribute__((always_inline)) uint64_t
ct_bits_of(ct_bits bits) {
  uint16_t value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Classifies 64 bytes.
static inline __attribute__((always_inline)) ct_masks
ct_classify(const uint8_t *bytes) {
  ct_masks masks = {0, 0, 0, 0, 0, 0};
#pragma clang loop unroll(full)
  for (int part = 0; part < 4; part++) {
    ct_bytes v;
    memcpy(&v, bytes + 16 * part, sizeof v);
    int shift = 16 * part;
    ct_bits letter = __builtin_convertvector((ct_bytes)((v | 32) - 'a') < (ct_bytes)26, ct_bits);
    ct_bits digit = __builtin_convertvector((ct_bytes)(v - '0') < (ct_bytes)10, ct_bits);
    ct_bits control = __builtin_convertvector((ct_bytes)(v - 9) < (ct_bytes)5, ct_bits);
    ct_bits blank = __builtin_convertvector(v == (ct_bytes)' ', ct_bits);
    ct_bits quote = __builtin_convertvector(v == (ct_bytes)'\'', ct_bits);
    ct_bits high = __builtin_convertvector(v >= (ct_bytes)128, ct_bits);
    masks.letter |= ct_bits_of(letter) << shift;
    masks.digit |= ct_bits_of(digit) << shift;
    masks.space |= (ct_bits_of(control) | ct_bits_of(blank)) << shift;
    masks.blank |= ct_bits_of(blank) << shift;
    masks.quote |= ct_bits_of(quote) << shift;
    masks.high |= ct_bits_of(high) << shift;
  }
  return masks;
}

/// Classifies fewer than 64 bytes; those beyond are of no class.
static __attribute__((noinline)) ct_masks
ct_classify_last(const uint8_t *bytes, size_t count) {
  uint8_t block[64] = {0};
  memcpy(block, bytes, count);
  return ct_classify(block);
}

/// Lets the system back a range of memory with large pages, before it is touched.
///
/// A table of megabytes that is read at random misses the processor's page cache at every look
/// otherwise. Only whole large pages inside the range are meant; without them nothing happens.
static inline void ct_prefer_large_pages(void *address, size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t page = (uintptr_t)1 << 21;
  uintptr_t start = ((uintptr_t)address + page - 1) & ~(page - 1);
  uintptr_t end = ((uintptr_t)address + size) & ~(page - 1);
  if (start < end) madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
  (void)address;
  (void)size;
#endif
}

/// Words of a text and a table of words.
typedef struct {
  const uint8_t *text;
  /// The text's bytes.
  int64_t size;
  /// Where the first word begins; -1 for a blank that stands before the text.
  int64_t start;
  /// Where each word ends; the next begins there. `count` of them.
  const uint32_t *ends;
  int64_t count;
  /// Room for `count` keys of four integers: the word's two, its hash, and nothing. A word of more
  /// than 15 bytes has a key of zeros.
  void *keys;
  /// The keys made so far, from call to call; 0 at first.
  int64_t keyed;
  /// Slots of four integers, the first two a word's; a slot whose second is 0 is free.
  void *slots;
  /// 64 less the logarithm of the number of slots.
  int64_t shift;
} ct_words;

/// Copies the ids of words that the table holds, from `word` on, to `batch`.
///
/// A slot's third and fourth integers hold the ids, in `id_bytes` bytes each, and in the top 16
/// bits their number, at most 7. Sixteen bytes are written a word whatever their number.
///
/// Returns the first word that is not in the table, is too long or has more ids; `count` at the end.
int64_t ct_copy_ids(ct_words *words, int64_t word, int64_t id_bytes, uint8_t *batch,
                    int64_t *bytes);

/// Adds `weight` to the third integer of the slot of every word, from `word` on.
///
/// Returns the first word that is not in the table or is too long; `count` at the end.
int64_t ct_count_words(ct_words *words, int64_t word, uint64_t weight);

#endif
