// Softmax cross-entropy over rows of logits, in nats, with or without the gradient in place.

#include "CKernels.h"
#include "VectorMath.h"

#include <math.h>

// Sixteen running maxima, since the compiler may not reorder comparisons that a NaN could enter.
CK_INLINE float row_maximum(const float *in, size_t columns) {
  float largest[16];
  for (size_t k = 0; k < 16; k++) largest[k] = in[0];
  size_t i = 0;
  for (; i + 16 <= columns; i += 16)
    for (size_t k = 0; k < 16; k++) largest[k] = in[i + k] > largest[k] ? in[i + k] : largest[k];
  for (; i < columns; i++) largest[0] = in[i] > largest[0] ? in[i] : largest[0];
  for (size_t k = 1; k < 16; k++) largest[0] = largest[k] > largest[0] ? largest[k] : largest[0];
  return largest[0];
}

CK_CLONES
void ck_cross_entropy(const float *restrict logits, const int32_t *restrict targets, size_t at,
                      size_t rows, size_t columns, float *restrict losses) {
#pragma clang fp reassociate(on)
  targets += at;
  losses += at;
  for (size_t row = 0; row < rows; row++) {
    if (targets[row] < 0) {
      losses[row] = 0;
      continue;
    }
    const float *in = logits + row * columns;
    float largest = row_maximum(in, columns);
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += ck_exp(in[i] - largest);
    losses[row] = logf(sum) + (largest - in[targets[row]]);
  }
}

CK_CLONES
void ck_cross_entropy_gradient(float *restrict logits, const int32_t *restrict targets, size_t at,
                               size_t rows, size_t columns, float scale, float *restrict losses) {
#pragma clang fp reassociate(on)
  targets += at;
  losses += at;
  for (size_t row = 0; row < rows; row++) {
    float *in = logits + row * columns;
    if (targets[row] < 0) {
      losses[row] = 0;
      memset(in, 0, columns * sizeof *in);
      continue;
    }
    size_t target = (size_t)targets[row];
    float largest = row_maximum(in, columns);
    float distance = largest - in[target];
    float sum = 0;
    for (size_t i = 0; i < columns; i++) {
      in[i] = ck_exp(in[i] - largest);
      sum += in[i];
    }
    losses[row] = logf(sum) + distance;
    float factor = scale / sum;
    for (size_t i = 0; i < columns; i++) in[i] *= factor;
    in[target] -= scale;
  }
}
