// A matrix times one vector, for decoding: bound by memory, so one pass over the matrix.

#include "CKernels.h"
#include "VectorMath.h"

CK_CLONES
void ck_matrix_vector(const float *restrict parameters, size_t weight_at, const float *restrict x,
                      size_t rows, size_t columns, float keep, float *restrict y) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++) {
    const float *weight = parameters + weight_at + row * columns;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += weight[i] * x[i];
    y[row] = keep == 0 ? sum : sum + keep * y[row];
  }
}
