// The two element-wise gates of a block: the mixer's output gate and the feed-forward's SiLU gate.

#include "CKernels.h"
#include "VectorMath.h"

CK_CLONES
void ck_sigmoid_gate(const float *restrict gate, size_t gate_at, size_t stride,
                     const float *restrict x, size_t rows, size_t columns, float *restrict y) {
  for (size_t row = 0; row < rows; row++) {
    const float *g = gate + gate_at + row * stride;
    const float *in = x + row * columns;
    float *out = y + row * columns;
    for (size_t i = 0; i < columns; i++) out[i] = ck_sigmoid(g[i]) * in[i];
  }
}

CK_CLONES
void ck_sigmoid_gate_backward(const float *restrict gate, size_t gate_at, size_t stride,
                              const float *restrict x, const float *restrict dy, size_t rows,
                              size_t columns, float *restrict dgate, float *restrict dx) {
  for (size_t row = 0; row < rows; row++) {
    const float *g = gate + gate_at + row * stride;
    const float *in = x + row * columns;
    const float *d = dy + row * columns;
    float *dg = dgate + gate_at + row * stride;
    float *out = dx + row * columns;
    for (size_t i = 0; i < columns; i++) {
      float s = ck_sigmoid(g[i]);
      out[i] = d[i] * s;
      dg[i] = d[i] * in[i] * s * (1.0f - s);
    }
  }
}

CK_CLONES
void ck_gated_silu(const float *restrict gate_up, size_t rows, size_t size, float *restrict y) {
  for (size_t row = 0; row < rows; row++) {
    const float *gate = gate_up + row * 2 * size;
    const float *up = gate + size;
    float *out = y + row * size;
    for (size_t i = 0; i < size; i++) out[i] = gate[i] * ck_sigmoid(gate[i]) * up[i];
  }
}

CK_CLONES
void ck_gated_silu_backward(const float *restrict gate_up, const float *restrict dy, size_t rows,
                            size_t size, float *restrict dgate_up) {
  for (size_t row = 0; row < rows; row++) {
    const float *gate = gate_up + row * 2 * size;
    const float *up = gate + size;
    const float *d = dy + row * size;
    float *dgate = dgate_up + row * 2 * size;
    float *dup = dgate + size;
    for (size_t i = 0; i < size; i++) {
      float s = ck_sigmoid(gate[i]);
      float silu = gate[i] * s;
      dgate[i] = d[i] * up[i] * (s + silu * (1.0f - s));
      dup[i] = d[i] * silu;
    }
  }
}
