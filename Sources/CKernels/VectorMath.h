// What the loops share: the clones for the processor's vector width, and an exponential that the
// compiler can put into those loops. Internal to this target.

#ifndef CKERNELS_VECTOR_MATH_H
#define CKERNELS_VECTOR_MATH_H

#include <stdint.h>
#include <string.h>

// Clones are chosen by the dynamic linker (ifunc), which x86-64 Linux has; elsewhere the one
// baseline version serves.
#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CK_CLONES
#endif

#define CK_INLINE static inline __attribute__((always_inline))

// exp(x) in float32, relative error about 1e-7: 2^n times a polynomial in the remainder, n by the
// rounding that an addition of 1.5 * 2^23 does. Under -87 it is 0, over 88 it is exp(88); NaN stays.
CK_INLINE float ck_exp(float x) {
  float z = x > 88.0f ? 88.0f : x;
  z = z < -87.0f ? -87.0f : z;
  const float magic = 12582912.0f;
  float shifted = z * 1.44269504088896341f + magic;
  float n = shifted - magic;
  float r = z - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127u) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return x < -87.0f ? 0.0f : p * power;
}

CK_INLINE float ck_sigmoid(float x) { return 1.0f / (1.0f + ck_exp(-x)); }

#endif
