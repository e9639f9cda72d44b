// The short causal convolution of queries and keys with its SiLU: one kernel a channel. Channels are
// taken in blocks that stay in registers' reach, steps in order.

#include "CKernels.h"
#include "VectorMath.h"

enum { block_size = 256 };

// z = the convolution at step t for channels first ..< first + count.
CK_INLINE void convolve(const float *restrict x, size_t stride, const float *restrict kernel,
                        size_t width, size_t channels, size_t t, size_t start, size_t first,
                        size_t count, float *restrict z) {
  for (size_t c = 0; c < count; c++) z[c] = 0;
  for (size_t i = 0; i < width && i + start <= t; i++) {
    const float *in = x + (t - i) * stride + first;
    const float *w = kernel + (width - 1 - i) * channels + first;
    for (size_t c = 0; c < count; c++) z[c] += w[c] * in[c];
  }
}

CK_CLONES
void ck_short_convolution(float *rows, size_t from, size_t to, size_t stride,
                          const float *restrict parameters, size_t kernel_at, size_t width,
                          const int32_t *restrict starts, size_t starts_at, size_t steps,
                          size_t channels) {
  const float *x = rows + from;
  const float *kernel = parameters + kernel_at;
  for (size_t t = 0; t < steps; t++) {
    for (size_t first = 0; first < channels; first += block_size) {
      size_t count = channels - first < block_size ? channels - first : block_size;
      float z[block_size];
      convolve(x, stride, kernel, width, channels, t, (size_t)starts[starts_at + t], first, count,
               z);
      float *restrict y = rows + to + t * stride + first;
      for (size_t c = 0; c < count; c++) y[c] = z[c] * ck_sigmoid(z[c]);
    }
  }
}

CK_CLONES
void ck_short_convolution_backward(const float *restrict rows, size_t from, size_t to,
                                   size_t stride, const float *restrict parameters,
                                   size_t kernel_at, size_t width, const int32_t *restrict starts,
                                   size_t starts_at, size_t steps, size_t channels, float *drows,
                                   float *restrict dparameters) {
  const float *x = rows + from;
  const float *kernel = parameters + kernel_at;
  float *dkernel = dparameters + kernel_at;
  for (size_t t = 0; t < steps; t++) {
    size_t start = (size_t)starts[starts_at + t];
    for (size_t first = 0; first < channels; first += block_size) {
      size_t count = channels - first < block_size ? channels - first : block_size;
      float z[block_size];
      convolve(x, stride, kernel, width, channels, t, start, first, count, z);
      const float *dy = drows + to + t * stride + first;
      for (size_t c = 0; c < count; c++) {
        float s = ck_sigmoid(z[c]);
        z[c] = dy[c] * (s + z[c] * s * (1.0f - s));
      }
      float *own = drows + from + t * stride + first;
      for (size_t c = 0; c < count; c++) own[c] = 0;
      for (size_t i = 0; i < width && i + start <= t; i++) {
        const float *in = x + (t - i) * stride + first;
        const float *w = kernel + (width - 1 - i) * channels + first;
        float *restrict dw = dkernel + (width - 1 - i) * channels + first;
        float *restrict dx = drows + from + (t - i) * stride + first;
        for (size_t c = 0; c < count; c++) {
          dx[c] += w[c] * z[c];
          dw[c] += in[c] * z[c];
        }
      }
    }
  }
}

CK_CLONES
void ck_short_convolution_step(float *row, size_t from, size_t to,
                               const float *restrict parameters, size_t kernel_at, size_t width,
                               float *restrict history, size_t history_at, size_t channels) {
  float *past = history + history_at;
  memmove(past, past + channels, (width - 1) * channels * sizeof *past);
  memcpy(past + (width - 1) * channels, row + from, channels * sizeof *past);
  const float *kernel = parameters + kernel_at;
  float *restrict y = row + to;
  for (size_t c = 0; c < channels; c++) {
    float z = 0;
    for (size_t i = 0; i < width; i++) z += kernel[i * channels + c] * past[i * channels + c];
    y[c] = z * ck_sigmoid(z);
  }
}
