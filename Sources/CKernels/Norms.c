// RMSNorm and the LayerNorm of each head, forward and backward. One pass for the sums of a row, one
// to write it.

#include "CKernels.h"
#include "VectorMath.h"

CK_CLONES
void ck_rms_norm(const float *restrict x, const float *restrict parameters, size_t gain_at,
                 size_t rows, size_t columns, float epsilon, float *restrict y,
                 float *restrict inverse_rms) {
#pragma clang fp reassociate(on)
  const float *gain = parameters + gain_at;
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * columns;
    float *out = y + row * columns;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += in[i] * in[i];
    float r = 1.0f / __builtin_elementwise_sqrt(sum / (float)columns + epsilon);
    for (size_t i = 0; i < columns; i++) out[i] = in[i] * r * gain[i];
    inverse_rms[row] = r;
  }
}

CK_CLONES
void ck_rms_norm_backward(const float *restrict x, const float *restrict parameters,
                          size_t gain_at, const float *restrict inverse_rms,
                          const float *restrict dy, size_t rows, size_t columns,
                          float *restrict dx, float *restrict dparameters) {
#pragma clang fp reassociate(on)
  const float *gain = parameters + gain_at;
  float *dgain = dparameters + gain_at;
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * columns;
    const float *d = dy + row * columns;
    float *out = dx + row * columns;
    float r = inverse_rms[row];
    float dot = 0;
    for (size_t i = 0; i < columns; i++) dot += d[i] * gain[i] * in[i];
    float pull = dot * r * r * r / (float)columns;
    for (size_t i = 0; i < columns; i++) {
      dgain[i] += d[i] * in[i] * r;
      out[i] += d[i] * gain[i] * r - in[i] * pull;
    }
  }
}

CK_CLONES
void ck_head_norm(const float *restrict x, const float *restrict parameters, size_t gain_at,
                  size_t rows, size_t heads, size_t size, float epsilon, float *restrict y) {
#pragma clang fp reassociate(on)
  const float *gain = parameters + gain_at;
  for (size_t row = 0; row < rows; row++) {
    for (size_t head = 0; head < heads; head++) {
      const float *in = x + (row * heads + head) * size;
      const float *g = gain + head * size;
      float *out = y + (row * heads + head) * size;
      float sum = 0;
      for (size_t i = 0; i < size; i++) sum += in[i];
      float mean = sum / (float)size;
      float squares = 0;
      for (size_t i = 0; i < size; i++) squares += (in[i] - mean) * (in[i] - mean);
      float r = 1.0f / __builtin_elementwise_sqrt(squares / (float)size + epsilon);
      for (size_t i = 0; i < size; i++) out[i] = (in[i] - mean) * r * g[i];
    }
  }
}

CK_CLONES
void ck_head_norm_backward(const float *restrict x, const float *restrict parameters,
                           size_t gain_at, const float *restrict dy, size_t rows, size_t heads,
                           size_t size, float epsilon, float *restrict dx,
                           float *restrict dparameters) {
#pragma clang fp reassociate(on)
  const float *gain = parameters + gain_at;
  float *dgain = dparameters + gain_at;
  for (size_t row = 0; row < rows; row++) {
    for (size_t head = 0; head < heads; head++) {
      const float *in = x + (row * heads + head) * size;
      const float *d = dy + (row * heads + head) * size;
      const float *g = gain + head * size;
      float *dg = dgain + head * size;
      float *out = dx + (row * heads + head) * size;
      float sum = 0;
      for (size_t i = 0; i < size; i++) sum += in[i];
      float mean = sum / (float)size;
      float squares = 0, total = 0, dot = 0;
      for (size_t i = 0; i < size; i++) {
        float centred = in[i] - mean;
        float weighted = d[i] * g[i];
        squares += centred * centred;
        total += weighted;
        dot += weighted * centred;
      }
      float r = 1.0f / __builtin_elementwise_sqrt(squares / (float)size + epsilon);
      float shift = total / (float)size;
      float pull = dot * r * r / (float)size;
      for (size_t i = 0; i < size; i++) {
        float centred = in[i] - mean;
        dg[i] += d[i] * centred * r;
        out[i] = r * (d[i] * g[i] - shift - centred * pull);
      }
    }
  }
}
