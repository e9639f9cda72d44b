// The parts of causal softmax attention between the matrix products: rotary positions, the softmax
// over what each query sees, and the few memory steps, which are taken one product at a time.

#include "CKernels.h"
#include "VectorMath.h"

#include <math.h>

void ck_rotary_table(size_t first, size_t steps, size_t size, double base, float *cosines,
                     float *sines) {
  size_t half = size / 2;
  for (size_t i = 0; i < half; i++) {
    double rate = pow(base, -2.0 * (double)i / (double)size);
    for (size_t t = 0; t < steps; t++) {
      double angle = (double)(first + t) * rate;
      cosines[t * half + i] = (float)cos(angle);
      sines[t * half + i] = (float)sin(angle);
    }
  }
}

CK_CLONES
void ck_rotate(const float *restrict x, size_t x_at, size_t stride, const float *restrict cosines,
               const float *restrict sines, size_t steps, size_t size, float scale,
               float *restrict y) {
  size_t half = size / 2;
  for (size_t t = 0; t < steps; t++) {
    const float *in = x + x_at + t * stride;
    const float *c = cosines + t * half;
    const float *s = sines + t * half;
    float *out = y + t * size;
    for (size_t i = 0; i < half; i++) {
      out[i] = scale * (in[i] * c[i] - in[half + i] * s[i]);
      out[half + i] = scale * (in[half + i] * c[i] + in[i] * s[i]);
    }
  }
}

CK_CLONES
void ck_rotate_backward(const float *restrict dy, const float *restrict cosines,
                        const float *restrict sines, size_t steps, size_t size, float scale,
                        float keep, float *restrict dx, size_t dx_at, size_t stride) {
  size_t half = size / 2;
  for (size_t t = 0; t < steps; t++) {
    const float *in = dy + t * size;
    const float *c = cosines + t * half;
    const float *s = sines + t * half;
    float *out = dx + dx_at + t * stride;
    if (keep == 0)
      for (size_t i = 0; i < size; i++) out[i] = 0;
    for (size_t i = 0; i < half; i++) {
      out[i] = keep * out[i] + scale * (in[i] * c[i] + in[half + i] * s[i]);
      out[half + i] = keep * out[half + i] + scale * (in[half + i] * c[i] - in[i] * s[i]);
    }
  }
}

CK_CLONES
void ck_clear_rows(float *restrict y, size_t y_at, size_t stride, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++)
    for (size_t i = 0; i < columns; i++) y[y_at + row * stride + i] = 0;
}

CK_INLINE float dot_product(const float *restrict x, const float *restrict y, size_t size) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t i = 0; i < size; i++) sum += x[i] * y[i];
  return sum;
}

// The first step of the window of step t.
CK_INLINE size_t window_begin(size_t t, size_t start, size_t window) {
  size_t low = t + 1 > window ? t + 1 - window : 0;
  return low > start ? low : start;
}

// The memory steps of step t that lie under its window: start ..< start + the result.
CK_INLINE size_t memory_count(size_t begin, size_t start, size_t memory) {
  return begin - start < memory ? begin - start : memory;
}

CK_CLONES
void ck_attention_softmax(const float *restrict queries, const float *restrict keys,
                          const int32_t *restrict starts, size_t starts_at, size_t first,
                          size_t count, size_t low, size_t width, size_t window, size_t memory,
                          size_t size, float *restrict scores, float *restrict memory_weights,
                          float *restrict log_sums, size_t log_sums_at) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < count; r++) {
    size_t t = first + r;
    size_t start = (size_t)starts[starts_at + t];
    size_t begin = window_begin(t, start, window);
    size_t kept = memory_count(begin, start, memory);
    float *row = scores + r * width;
    float *remembered = memory_weights + r * memory;
    size_t from = begin - low;
    size_t to = t + 1 - low;
    float largest = row[from];
    for (size_t c = from; c < to; c++) largest = row[c] > largest ? row[c] : largest;
    for (size_t m = 0; m < kept; m++) {
      remembered[m] = dot_product(queries + t * size, keys + (start + m) * size, size);
      largest = remembered[m] > largest ? remembered[m] : largest;
    }
    float sum = 0;
    for (size_t c = 0; c < from; c++) row[c] = 0;
    for (size_t c = from; c < to; c++) {
      row[c] = ck_exp(row[c] - largest);
      sum += row[c];
    }
    for (size_t c = to; c < width; c++) row[c] = 0;
    for (size_t m = 0; m < kept; m++) {
      remembered[m] = ck_exp(remembered[m] - largest);
      sum += remembered[m];
    }
    float factor = 1.0f / sum;
    for (size_t c = from; c < to; c++) row[c] *= factor;
    for (size_t m = 0; m < memory; m++) remembered[m] = m < kept ? remembered[m] * factor : 0;
    log_sums[log_sums_at + r] = largest + logf(sum);
  }
}

CK_CLONES
void ck_attention_weights(const float *restrict queries, const float *restrict keys,
                          const int32_t *restrict starts, size_t starts_at, size_t first,
                          size_t count, size_t low, size_t width, size_t window, size_t memory,
                          size_t size, float *restrict scores, float *restrict memory_weights,
                          const float *restrict log_sums, size_t log_sums_at) {
  for (size_t r = 0; r < count; r++) {
    size_t t = first + r;
    size_t start = (size_t)starts[starts_at + t];
    size_t begin = window_begin(t, start, window);
    size_t kept = memory_count(begin, start, memory);
    float *row = scores + r * width;
    float *remembered = memory_weights + r * memory;
    float log_sum = log_sums[log_sums_at + r];
    size_t from = begin - low;
    size_t to = t + 1 - low;
    for (size_t c = 0; c < from; c++) row[c] = 0;
    for (size_t c = from; c < to; c++) row[c] = ck_exp(row[c] - log_sum);
    for (size_t c = to; c < width; c++) row[c] = 0;
    for (size_t m = 0; m < memory; m++) {
      remembered[m] = 0;
      if (m < kept)
        remembered[m] =
            ck_exp(dot_product(queries + t * size, keys + (start + m) * size, size) - log_sum);
    }
  }
}

CK_CLONES
void ck_attention_memory(const float *restrict memory_weights, const int32_t *restrict starts,
                         size_t starts_at, size_t first, size_t count, size_t memory, size_t size,
                         const float *restrict values, size_t values_at, size_t values_stride,
                         float *restrict outputs, size_t outputs_at, size_t outputs_stride) {
  for (size_t r = 0; r < count; r++) {
    float *out = outputs + outputs_at + r * outputs_stride;
    for (size_t m = 0; m < memory; m++) {
      float weight = memory_weights[r * memory + m];
      if (weight == 0) continue;
      size_t step = (size_t)starts[starts_at + first + r] + m;
      const float *value = values + values_at + step * values_stride;
      for (size_t i = 0; i < size; i++) out[i] += weight * value[i];
    }
  }
}

CK_CLONES
void ck_attention_backward(const float *restrict weights, size_t count, size_t width, size_t size,
                           const float *restrict outputs, const float *restrict doutputs,
                           size_t outputs_at, size_t outputs_stride, float *restrict products,
                           float *restrict dots) {
  for (size_t r = 0; r < count; r++) {
    size_t at = outputs_at + r * outputs_stride;
    float dot = dot_product(outputs + at, doutputs + at, size);
    const float *p = weights + r * width;
    float *row = products + r * width;
    for (size_t c = 0; c < width; c++) row[c] = p[c] * (row[c] - dot);
    dots[r] = dot;
  }
}

CK_CLONES
void ck_attention_memory_backward(const float *restrict memory_weights, const float *restrict dots,
                                  const float *restrict queries, const float *restrict keys,
                                  const int32_t *restrict starts, size_t starts_at, size_t first,
                                  size_t count, size_t memory, size_t size,
                                  const float *restrict values, size_t values_at,
                                  size_t values_stride, const float *restrict doutputs,
                                  size_t outputs_at, size_t outputs_stride,
                                  float *restrict dqueries, float *restrict dkeys,
                                  float *restrict dvalues) {
  for (size_t r = 0; r < count; r++) {
    size_t t = first + r;
    const float *d = doutputs + outputs_at + r * outputs_stride;
    for (size_t m = 0; m < memory; m++) {
      float weight = memory_weights[r * memory + m];
      if (weight == 0) continue;
      size_t step = (size_t)starts[starts_at + t] + m;
      const float *value = values + values_at + step * values_stride;
      float *dvalue = dvalues + values_at + step * values_stride;
      float slope = weight * (dot_product(d, value, size) - dots[r]);
      for (size_t i = 0; i < size; i++) {
        dvalue[i] += weight * d[i];
        dqueries[t * size + i] += slope * keys[step * size + i];
        dkeys[step * size + i] += slope * queries[t * size + i];
      }
    }
  }
}

CK_CLONES
void ck_attention_step(const float *restrict query, const float *restrict keys,
                       const float *restrict values, size_t cache_at, size_t count,
                       const float *restrict memory_keys, const float *restrict memory_values,
                       size_t memory_at, size_t memory_count, size_t size, float *restrict scores,
                       float *restrict output, size_t output_at) {
  float *out = output + output_at;
  float largest = -INFINITY;
  for (size_t i = 0; i < size; i++) out[i] = 0;
  for (size_t c = 0; c < count + memory_count; c++) {
    const float *key = c < count ? keys + cache_at + c * size
                                 : memory_keys + memory_at + (c - count) * size;
    scores[c] = dot_product(query, key, size);
    largest = scores[c] > largest ? scores[c] : largest;
  }
  float sum = 0;
  for (size_t c = 0; c < count + memory_count; c++) {
    const float *value = c < count ? values + cache_at + c * size
                                   : memory_values + memory_at + (c - count) * size;
    float weight = ck_exp(scores[c] - largest);
    sum += weight;
    for (size_t i = 0; i < size; i++) out[i] += weight * value[i];
  }
  float factor = 1.0f / sum;
  for (size_t i = 0; i < size; i++) out[i] *= factor;
}
