// The scalar side of the mLSTM: capped gates, the summed log forget gates and the running maximum.
// Sums over a window run in double: they reach thousands while their differences decide the result.

#include "CKernels.h"
#include "VectorMath.h"

#include <math.h>

float ck_cap(float z) { return 15.0f * tanhf(z / 15.0f); }

float ck_log_sigmoid(float z) { return z >= 0 ? -log1pf(expf(-z)) : z - log1pf(expf(z)); }

void ck_mlstm_gates(const float *gates, size_t gates_at, size_t stride, const float *parameters,
                    size_t input_bias_at, size_t forget_bias_at, size_t heads, size_t count,
                    const int32_t *starts, size_t starts_at, size_t at, float *capped_input,
                    float *capped_forget, double *position, double *maximum, float *floors) {
  for (size_t head = 0; head < heads; head++) {
    float input_bias = parameters[input_bias_at + head];
    float forget_bias = parameters[forget_bias_at + head];
    double sum = 0;
    double largest = -INFINITY;
    for (size_t t = 0; t < count; t++) {
      const float *row = gates + gates_at + t * stride;
      float input = ck_cap(row[head] + input_bias);
      float forget = ck_cap(row[heads + head] + forget_bias);
      sum += (double)ck_log_sigmoid(forget);
      double place = (double)input - sum;
      int begins = starts[starts_at + t] == (int32_t)t;
      largest = begins || place > largest ? place : largest;
      size_t i = at + head * count + t;
      capped_input[i] = input;
      capped_forget[i] = forget;
      position[i] = place;
      maximum[i] = largest;
      floors[i] = expf((float)-(largest + sum));
    }
  }
}

void ck_mlstm_gates_backward(const float *capped_input, const float *capped_forget,
                             const double *position, size_t at, const int32_t *starts,
                             size_t starts_at, float *dposition, const float *dmaximum,
                             const float *dsum, size_t heads, size_t count, float *dgates,
                             size_t dgates_at, size_t stride, float *dparameters,
                             size_t input_bias_at, size_t forget_bias_at) {
  for (size_t head = 0; head < heads; head++) {
    size_t local = head * count;
    size_t saved = at + local;
    size_t leader = 0;
    for (size_t t = 0; t < count; t++) {
      int begins = starts[starts_at + t] == (int32_t)t;
      if (begins || position[saved + t] > position[saved + leader]) leader = t;
      dposition[local + leader] += dmaximum[local + t];
    }
    double suffix = 0, input_total = 0, forget_total = 0;
    for (size_t t = count; t-- > 0;) {
      // Nothing before a document's first step is seen from it or after it, its own decay included.
      int begins = starts[starts_at + t] == (int32_t)t;
      suffix += (double)dsum[local + t] - (double)dposition[local + t];
      if (begins) suffix = 0;
      float input = capped_input[saved + t] / 15.0f;
      float forget = capped_forget[saved + t] / 15.0f;
      float closed = ck_sigmoid(-capped_forget[saved + t]);
      float dinput = dposition[local + t] * (1.0f - input * input);
      float dforget = (float)suffix * closed * (1.0f - forget * forget);
      float *row = dgates + dgates_at + t * stride;
      row[head] = dinput;
      row[heads + head] = dforget;
      input_total += (double)dinput;
      forget_total += (double)dforget;
    }
    dparameters[input_bias_at + head] += (float)input_total;
    dparameters[forget_bias_at + head] += (float)forget_total;
  }
}
