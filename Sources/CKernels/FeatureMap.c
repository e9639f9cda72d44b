// The softmax of Hedgehog's feature map over z and -z, forward and backward; the products with the
// learned matrices are the caller's.

#include "CKernels.h"
#include "VectorMath.h"

CK_CLONES
void ck_feature_softmax(const float *restrict z, size_t rows, size_t size,
                        float *restrict features, size_t features_at, size_t stride) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++) {
    const float *in = z + row * size;
    float *out = features + features_at + row * stride;
    float largest = 0;
    for (size_t i = 0; i < size; i++) {
      float extent = in[i] < 0 ? -in[i] : in[i];
      largest = extent > largest ? extent : largest;
    }
    float sum = 0;
    for (size_t i = 0; i < size; i++) {
      float plus = ck_exp(in[i] - largest);
      float minus = ck_exp(-in[i] - largest);
      out[i] = plus;
      out[size + i] = minus;
      sum += plus + minus;
    }
    float factor = 1.0f / sum;
    for (size_t i = 0; i < 2 * size; i++) out[i] *= factor;
  }
}

CK_CLONES
void ck_feature_softmax_backward(const float *restrict features, const float *restrict dfeatures,
                                 size_t features_at, size_t stride, size_t rows, size_t size,
                                 float *restrict dz) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++) {
    const float *y = features + features_at + row * stride;
    const float *dy = dfeatures + features_at + row * stride;
    float *out = dz + row * size;
    float dot = 0;
    for (size_t i = 0; i < 2 * size; i++) dot += y[i] * dy[i];
    for (size_t i = 0; i < size; i++)
      out[i] = y[i] * (dy[i] - dot) - y[size + i] * (dy[size + i] - dot);
  }
}
