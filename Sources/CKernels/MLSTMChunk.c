// The element-wise parts of one chunk of the mLSTM, between the matrix products, and one step of
// the recurrent form. The derivation stands in Kernels.docc.

#include "CKernels.h"
#include "VectorMath.h"

#include <math.h>

float ck_decay_factor(double from, double to) { return ck_exp((float)(from - to)); }

CK_CLONES
void ck_mlstm_decay(const double *restrict position, const double *restrict maximum, size_t at,
                    const int32_t *restrict starts, size_t starts_at, size_t first, size_t count,
                    float *restrict decay) {
  position += at;
  maximum += at;
  starts += starts_at + first;
  for (size_t t = 0; t < count; t++) {
    float *row = decay + t * count;
    double top = maximum[t];
    size_t begin = (size_t)starts[t] > first ? (size_t)starts[t] - first : 0;
    for (size_t j = 0; j < begin; j++) row[j] = 0;
    for (size_t j = begin; j <= t; j++) row[j] = ck_exp((float)(position[j] - top));
    for (size_t j = t + 1; j < count; j++) row[j] = 0;
  }
}

// Above the diagonal the product is not taken: a number there may be infinite, and its zero stays.
CK_CLONES
void ck_mlstm_weigh(const float *restrict decay, size_t count, float *restrict weights,
                    float *restrict row_sums, size_t row_sums_at) {
#pragma clang fp reassociate(on)
  for (size_t t = 0; t < count; t++) {
    float *row = weights + t * count;
    const float *e = decay + t * count;
    float sum = 0;
    for (size_t j = 0; j <= t; j++) {
      row[j] *= e[j];
      sum += row[j];
    }
    for (size_t j = t + 1; j < count; j++) row[j] = 0;
    row_sums[row_sums_at + t] = sum;
  }
}

CK_CLONES
void ck_mlstm_weigh_backward(const float *restrict decay, const float *restrict dsums, size_t count,
                             float *restrict weights, float *restrict dweights) {
  for (size_t t = 0; t < count; t++) {
    float *row = weights + t * count;
    float *drow = dweights + t * count;
    const float *e = decay + t * count;
    float d = dsums[t];
    for (size_t j = 0; j <= t; j++) {
      row[j] *= e[j];
      drow[j] = (drow[j] + d) * e[j];
    }
    for (size_t j = t + 1; j < count; j++) {
      row[j] = 0;
      drow[j] = 0;
    }
  }
}

CK_CLONES
void ck_mlstm_scale_rows(const float *restrict x, size_t x_at, size_t stride,
                         const double *restrict exponents, size_t exponents_at, double base,
                         double sign, float scale, size_t rows, size_t begin, size_t end,
                         size_t columns, float *restrict y, float *restrict factors) {
  x += x_at;
  exponents += exponents_at;
  for (size_t row = 0; row < rows; row++) {
    float factor = scale * ck_exp((float)(sign * (exponents[row] - base)));
    factors[row] = row >= begin && row < end ? factor : 0;
  }
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * stride;
    float *out = y + row * columns;
    float factor = factors[row];
    for (size_t i = 0; i < columns; i++) out[i] = in[i] * factor;
  }
}

CK_CLONES
void ck_row_dots(const float *restrict x, const float *restrict vector, size_t vector_at,
                 size_t rows, size_t columns, float *restrict sums, size_t sums_at) {
#pragma clang fp reassociate(on)
  vector += vector_at;
  sums += sums_at;
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * columns;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += in[i] * vector[i];
    sums[row] += sum;
  }
}

CK_CLONES
void ck_paired_row_dots(const float *restrict x, size_t x_at, const float *restrict y, size_t y_at,
                        size_t stride, size_t rows, size_t columns, float *restrict sums,
                        size_t sums_at) {
#pragma clang fp reassociate(on)
  x += x_at;
  y += y_at;
  sums += sums_at;
  for (size_t row = 0; row < rows; row++) {
    const float *a = x + row * stride;
    const float *b = y + row * stride;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += a[i] * b[i];
    sums[row] = sum;
  }
}

CK_CLONES
void ck_add_rows(const float *restrict x, size_t x_at, size_t stride,
                 const float *restrict coefficients, float keep, size_t rows, size_t columns,
                 float *restrict total, size_t total_at) {
  x += x_at;
  total += total_at;
  if (keep == 0) {
    for (size_t i = 0; i < columns; i++) total[i] = 0;
  } else {
    for (size_t i = 0; i < columns; i++) total[i] *= keep;
  }
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * stride;
    float factor = coefficients[row];
    for (size_t i = 0; i < columns; i++) total[i] += factor * in[i];
  }
}

CK_CLONES
void ck_add_outer(const float *restrict coefficients, const float *restrict vector,
                  size_t vector_at, size_t rows, size_t columns, float *restrict y, size_t y_at,
                  size_t stride) {
  vector += vector_at;
  y += y_at;
  for (size_t row = 0; row < rows; row++) {
    float *out = y + row * stride;
    float factor = coefficients[row];
    for (size_t i = 0; i < columns; i++) out[i] += factor * vector[i];
  }
}

CK_CLONES
void ck_mlstm_normalize(const float *restrict sums, const float *restrict floors, size_t at,
                        float epsilon, size_t rows, size_t columns, float *restrict h, size_t h_at,
                        size_t stride, float *restrict denominators) {
  sums += at;
  floors += at;
  denominators += at;
  h += h_at;
  for (size_t row = 0; row < rows; row++) {
    float *out = h + row * stride;
    float size = sums[row] < 0 ? -sums[row] : sums[row];
    float denominator = (size < floors[row] ? floors[row] : size) + epsilon;
    float inverse = 1.0f / denominator;
    denominators[row] = denominator;
    for (size_t i = 0; i < columns; i++) out[i] *= inverse;
  }
}

CK_CLONES
void ck_mlstm_normalize_backward(const float *restrict h, const float *restrict dh, size_t h_at,
                                 size_t stride, const float *restrict sums,
                                 const float *restrict floors, const float *restrict denominators,
                                 size_t at, float epsilon, size_t rows, size_t columns,
                                 float *restrict dnumerator, float *restrict dsums,
                                 float *restrict dmaximum, float *restrict dsum,
                                 size_t dmaximum_at) {
#pragma clang fp reassociate(on)
  h += h_at;
  dh += h_at;
  sums += at;
  floors += at;
  denominators += at;
  dmaximum += dmaximum_at;
  dsum += dmaximum_at;
  for (size_t row = 0; row < rows; row++) {
    const float *value = h + row * stride;
    const float *d = dh + row * stride;
    float *out = dnumerator + row * columns;
    float inverse = 1.0f / denominators[row];
    float dot = 0;
    for (size_t i = 0; i < columns; i++) {
      dot += d[i] * value[i];
      out[i] = d[i] * inverse;
    }
    float share = dot * inverse;
    float size = sums[row] < 0 ? -sums[row] : sums[row];
    int floored = size < floors[row];
    dsums[row] = floored ? 0 : (sums[row] < 0 ? share : -share);
    dmaximum[row] = -share * epsilon;
    dsum[row] = floored ? share * floors[row] : 0;
  }
}

CK_CLONES
void ck_mlstm_carry(float *buffer, size_t from, size_t to, float factor, size_t count) {
  const float *restrict source = buffer + from;
  float *restrict target = buffer + to;
  for (size_t i = 0; i < count; i++) target[i] += factor * source[i];
}

CK_CLONES
void ck_mlstm_step(const float *restrict inputs, size_t query_at, size_t key_at, size_t value_at,
                   float input_gate, float log_forget_gate, float epsilon, size_t key_size,
                   size_t value_size, float *restrict state, size_t state_at,
                   float *restrict normalizer, size_t normalizer_at, float *restrict stabilizer,
                   size_t stabilizer_at, float *restrict h, size_t h_at) {
#pragma clang fp reassociate(on)
  const float *query = inputs + query_at;
  const float *key = inputs + key_at;
  const float *value = inputs + value_at;
  state += state_at;
  normalizer += normalizer_at;
  stabilizer += stabilizer_at;
  h += h_at;
  float carried = log_forget_gate + *stabilizer;
  float top = carried < input_gate ? input_gate : carried;
  float keep = ck_exp(carried - top);
  float write = ck_exp(input_gate - top);
  float scale = 1.0f / sqrtf((float)key_size);
  float sum = 0;
  for (size_t i = 0; i < value_size; i++) h[i] = 0;
  for (size_t p = 0; p < key_size; p++) {
    float *row = state + p * value_size;
    float k = write * key[p];
    float q = scale * query[p];
    normalizer[p] = keep * normalizer[p] + k;
    sum += q * normalizer[p];
    for (size_t i = 0; i < value_size; i++) {
      row[i] = keep * row[i] + k * value[i];
      h[i] += q * row[i];
    }
  }
  float size = sum < 0 ? -sum : sum;
  float floor_ = ck_exp(-top);
  float inverse = 1.0f / ((size < floor_ ? floor_ : size) + epsilon);
  for (size_t i = 0; i < value_size; i++) h[i] *= inverse;
  *stabilizer = top;
}
