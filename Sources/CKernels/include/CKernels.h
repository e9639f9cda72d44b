// Element-wise loops of the network in C, where the compiler can be given the processor's vector
// width: ten to seventy times faster than the same loops in Swift. Nothing here allocates, starts a
// thread or checks a bound; the Swift functions of Kernels are the only callers and check shapes.
//
// `x, x_at` is a buffer and the index of the first element used; a matrix is packed unless it comes
// with the distance between its rows, `stride`. Gains and biases lie inside the buffer of all
// parameters, their gradients at the same index of `dparameters`. No two buffers of a call overlap.
// Sums run in another order than the text (reassociation), but no loop assumes that a number is
// finite: a NaN that enters comes out.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// RMSNorm: y = x * r * gain with r = 1 / sqrt(mean(x^2) + epsilon), row by row.
// x and y are [rows, columns]; inverse_rms, [rows], receives r.
void ck_rms_norm(const float *x, const float *parameters, size_t gain_at,
                 size_t rows, size_t columns, float epsilon, float *y,
                 float *inverse_rms);

// Its gradient: adds to dx [rows, columns] and to the gain's gradient.
void ck_rms_norm_backward(const float *x, const float *parameters,
                          size_t gain_at, const float *inverse_rms,
                          const float *dy, size_t rows, size_t columns,
                          float *dx, float *dparameters);

// LayerNorm of every head of every row on its own, with one gain a channel:
// y = (x - mean) / sqrt(variance + epsilon) * gain. x and y are [rows, heads * size].
void ck_head_norm(const float *x, const float *parameters, size_t gain_at,
                  size_t rows, size_t heads, size_t size, float epsilon, float *y);

// Its gradient: overwrites dx, adds to the gain's gradient.
void ck_head_norm_backward(const float *x, const float *parameters,
                           size_t gain_at, const float *dy, size_t rows, size_t heads,
                           size_t size, float epsilon, float *dx,
                           float *dparameters);

// y = sigmoid(gate) * x; x and y are [rows, columns].
void ck_sigmoid_gate(const float *gate, size_t gate_at, size_t stride,
                     const float *x, size_t rows, size_t columns, float *y);

// Its gradient: overwrites dgate (place and stride of gate) and dx.
void ck_sigmoid_gate_backward(const float *gate, size_t gate_at, size_t stride,
                              const float *x, const float *dy, size_t rows,
                              size_t columns, float *dgate, float *dx);

// y = silu(gate) * up, where a row of gate_up holds `size` gates and then `size` ups.
void ck_gated_silu(const float *gate_up, size_t rows, size_t size, float *y);

// Its gradient: overwrites dgate_up [rows, 2 * size].
void ck_gated_silu_backward(const float *gate_up, const float *dy, size_t rows,
                            size_t size, float *dgate_up);

// losses[row] = log(sum(exp(logits))) - logits[target]; a negative target gives 0. Targets and losses
// are read and written from `at`.
void ck_cross_entropy(const float *logits, const int32_t *targets, size_t at, size_t rows,
                      size_t columns, float *losses);

// The same, and logits become scale * (softmax - onehot); a negative target's row becomes 0.
void ck_cross_entropy_gradient(float *logits, const int32_t *targets, size_t at, size_t rows,
                               size_t columns, float scale, float *losses);

// cap(z) = 15 tanh(z / 15), and log(sigmoid(z)).
float ck_cap(float z);
float ck_log_sigmoid(float z);

// The gates of the mLSTM for one window of `count` steps. A row of `gates` holds the `heads` input
// gate preactivations and then those of the forget gates. The outputs are [heads, count] from `at`:
//   capped_input, capped_forget: cap(preactivation + bias);
//   position: the input gate minus the summed log forget gates;
//   maximum: its running maximum;
//   floors: exp(-m) with m = maximum + the summed log forget gates.
void ck_mlstm_gates(const float *gates, size_t gates_at, size_t stride, const float *parameters,
                    size_t input_bias_at, size_t forget_bias_at, size_t heads, size_t count,
                    size_t at, float *capped_input, float *capped_forget, double *position,
                    double *maximum, float *floors);

// Their gradient for one window, from dposition, dmaximum and dsum, the direct gradient of the
// summed log forget gates, each [heads, count] from 0. Changes dposition on the way, overwrites
// dgates, adds to the gradients of the biases.
void ck_mlstm_gates_backward(const float *capped_input, const float *capped_forget,
                             const double *position, size_t at, float *dposition,
                             const float *dmaximum, const float *dsum, size_t heads, size_t count,
                             float *dgates, size_t dgates_at, size_t stride, float *dparameters,
                             size_t input_bias_at, size_t forget_bias_at);

// y = W x + keep * y for one vector; W is [rows, columns] inside the buffer of all parameters. Keep 0
// overwrites.
void ck_matrix_vector(const float *parameters, size_t weight_at, const float *x, size_t rows,
                      size_t columns, float keep, float *y);

// exp(from - to), for two running maxima.
float ck_decay_factor(double from, double to);

// decay[t][j] = exp(position[j] - maximum[t]) for j <= t, else 0; [count, count].
void ck_mlstm_decay(const double *position, const double *maximum, size_t at,
                    size_t count, float *decay);

// weights[t][j] *= decay[t][j] for j <= t, else 0; row_sums[t] = the sum of row t afterwards.
// What stood above the diagonal is not read.
void ck_mlstm_weigh(const float *decay, size_t count, float *weights,
                    float *row_sums, size_t row_sums_at);

// Its gradient and the weights once more: dweights = (dweights + dsums[t]) * decay for j <= t, else
// 0; weights as in ck_mlstm_weigh.
void ck_mlstm_weigh_backward(const float *decay, const float *dsums, size_t count,
                             float *weights, float *dweights);

// factors[row] = scale * exp(sign * (exponents[row] - base)) and y[row] = factors[row] * x[row];
// y is [rows, columns].
void ck_mlstm_scale_rows(const float *x, size_t x_at, size_t stride,
                         const double *exponents, size_t exponents_at, double base,
                         double sign, float scale, size_t rows, size_t columns, float *y,
                         float *factors);

// sums[row] += dot(x[row], vector); x is [rows, columns].
void ck_row_dots(const float *x, const float *vector, size_t vector_at,
                 size_t rows, size_t columns, float *sums, size_t sums_at);

// sums[row] = dot(x[row], y[row]), both with the same stride.
void ck_paired_row_dots(const float *x, size_t x_at, const float *y, size_t y_at,
                        size_t stride, size_t rows, size_t columns, float *sums,
                        size_t sums_at);

// total = keep * total + the sum over the rows of coefficients[row] * x[row]; keep 0 overwrites.
void ck_add_rows(const float *x, size_t x_at, size_t stride,
                 const float *coefficients, float keep, size_t rows, size_t columns,
                 float *total, size_t total_at);

// y[row] += coefficients[row] * vector.
void ck_add_outer(const float *coefficients, const float *vector,
                  size_t vector_at, size_t rows, size_t columns, float *y, size_t y_at,
                  size_t stride);

// buffer[to + i] += factor * buffer[from + i]; the two ranges do not overlap.
void ck_mlstm_carry(float *buffer, size_t from, size_t to, float factor, size_t count);

// denominators[t] = max(|sums[t]|, floors[t]) + epsilon and h[t] /= denominators[t]; the three
// vectors from `at`.
void ck_mlstm_normalize(const float *sums, const float *floors, size_t at,
                        float epsilon, size_t rows, size_t columns, float *h, size_t h_at,
                        size_t stride, float *denominators);

// Its gradient: dnumerator = dh / denominators, [rows, columns]; dsums, [rows]; and for the gates
// dmaximum = -(dh . h) epsilon / denominator, dsum = (dh . h) floor / denominator where the floor
// won, else 0. All overwritten.
void ck_mlstm_normalize_backward(const float *h, const float *dh, size_t h_at,
                                 size_t stride, const float *sums,
                                 const float *floors, const float *denominators,
                                 size_t at, float epsilon, size_t rows, size_t columns,
                                 float *dnumerator, float *dsums,
                                 float *dmaximum, float *dsum,
                                 size_t dmaximum_at);

// One step of the recurrent form for one head: state is [key_size, value_size], normalizer
// [key_size], stabilizer one number, all updated; h [value_size] is overwritten.
void ck_mlstm_step(const float *inputs, size_t query_at, size_t key_at, size_t value_at,
                   float input_gate, float log_forget_gate, float epsilon, size_t key_size,
                   size_t value_size, float *state, size_t state_at,
                   float *normalizer, size_t normalizer_at, float *stabilizer,
                   size_t stabilizer_at, float *h, size_t h_at);

// One AdamW step over `count` parameters from `at`; the corrections are 1 - beta^step.
void ck_adamw(float *parameters, const float *gradient,
              float *first_moment, float *second_moment, size_t at,
              size_t count, float learning_rate, float beta1, float beta2, float epsilon,
              float decay, float correction1, float correction2);

// The sum of the squares, in double.
double ck_sum_of_squares(const float *x, size_t at, size_t count);

// y = scale * x + keep * y, both from `at`; keep 0 overwrites.
void ck_scaled_add(const float *x, size_t at, float scale, float keep, size_t count,
                   float *y);

#endif
