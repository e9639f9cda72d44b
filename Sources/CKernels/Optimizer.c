// Loops over whole parameter buffers: AdamW, the squared norm, sums of buffers.

#include "CKernels.h"
#include "VectorMath.h"

CK_CLONES
void ck_adamw(float *restrict parameters, const float *restrict gradient,
              float *restrict first_moment, float *restrict second_moment, size_t at,
              size_t count, float learning_rate, float beta1, float beta2, float epsilon,
              float decay, float correction1, float correction2) {
  float step = learning_rate / correction1;
  float root = 1.0f / __builtin_elementwise_sqrt(correction2);
  float shrink = 1.0f - learning_rate * decay;
  for (size_t i = at; i < at + count; i++) {
    float g = gradient[i];
    float m = beta1 * first_moment[i] + (1.0f - beta1) * g;
    float v = beta2 * second_moment[i] + (1.0f - beta2) * g * g;
    first_moment[i] = m;
    second_moment[i] = v;
    parameters[i] =
        shrink * parameters[i] - step * m / (__builtin_elementwise_sqrt(v) * root + epsilon);
  }
}

CK_CLONES
double ck_sum_of_squares(const float *restrict x, size_t at, size_t count) {
#pragma clang fp reassociate(on)
  x += at;
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

CK_CLONES
double ck_dot(const float *restrict x, const float *restrict y, size_t at, size_t count) {
#pragma clang fp reassociate(on)
  x += at;
  y += at;
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)x[i] * (double)y[i];
  return sum;
}

CK_CLONES
void ck_scaled_add(const float *restrict x, size_t at, float scale, float keep, size_t count,
                   float *restrict y) {
  x += at;
  y += at;
  if (keep == 0) {
    for (size_t i = 0; i < count; i++) y[i] = scale * x[i];
  } else {
    for (size_t i = 0; i < count; i++) y[i] = scale * x[i] + keep * y[i];
  }
}
