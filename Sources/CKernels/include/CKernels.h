// Element-wise loops of the network in C, where the compiler can be given the processor's vector
// width: ten to seventy times faster than the same loops in Swift. Nothing here allocates, starts a
// thread or checks a bound; the Swift functions of Kernels are the only callers and check shapes.
//
// `x, x_at` is a buffer and the index of the first element used; a matrix is packed unless it comes
// with the distance between its rows, `stride`. Gains and biases lie inside the buffer of all
// parameters, their gradients at the same index of `dparameters`. No two buffers of a call overlap.
// `starts, starts_at` holds, for each step of a window, the first step that it may see: 0 where the
// window is one text, else the first step of its document.
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
//   maximum: its running maximum, begun anew where starts[t] = t;
//   floors: exp(-m) with m = maximum + the summed log forget gates.
void ck_mlstm_gates(const float *gates, size_t gates_at, size_t stride, const float *parameters,
                    size_t input_bias_at, size_t forget_bias_at, size_t heads, size_t count,
                    const int32_t *starts, size_t starts_at, size_t at, float *capped_input,
                    float *capped_forget, double *position, double *maximum, float *floors);

// Their gradient for one window, from dposition, dmaximum and dsum, the direct gradient of the
// summed log forget gates, each [heads, count] from 0. Changes dposition on the way, overwrites
// dgates, adds to the gradients of the biases.
void ck_mlstm_gates_backward(const float *capped_input, const float *capped_forget,
                             const double *position, size_t at, const int32_t *starts,
                             size_t starts_at, float *dposition, const float *dmaximum,
                             const float *dsum, size_t heads, size_t count, float *dgates,
                             size_t dgates_at, size_t stride, float *dparameters,
                             size_t input_bias_at, size_t forget_bias_at);

// y = W x + keep * y for one vector; W is [rows, columns] inside the buffer of all parameters. Keep 0
// overwrites.
void ck_matrix_vector(const float *parameters, size_t weight_at, const float *x, size_t rows,
                      size_t columns, float keep, float *y);

// exp(from - to), for two running maxima.
float ck_decay_factor(double from, double to);

// decay[t][j] = exp(position[j] - maximum[t]) for starts[first + t] - first <= j <= t, else 0;
// [count, count]. The chunk begins at step `first` of its window.
void ck_mlstm_decay(const double *position, const double *maximum, size_t at, const int32_t *starts,
                    size_t starts_at, size_t first, size_t count, float *decay);

// weights[t][j] *= decay[t][j] for j <= t, else 0; row_sums[t] = the sum of row t afterwards.
// What stood above the diagonal is not read.
void ck_mlstm_weigh(const float *decay, size_t count, float *weights,
                    float *row_sums, size_t row_sums_at);

// Its gradient and the weights once more: dweights = (dweights + dsums[t]) * decay for j <= t, else
// 0; weights as in ck_mlstm_weigh.
void ck_mlstm_weigh_backward(const float *decay, const float *dsums, size_t count,
                             float *weights, float *dweights);

// factors[row] = scale * exp(sign * (exponents[row] - base)) and y[row] = factors[row] * x[row];
// y is [rows, columns]. Rows outside begin ..< end have the factor 0.
void ck_mlstm_scale_rows(const float *x, size_t x_at, size_t stride,
                         const double *exponents, size_t exponents_at, double base,
                         double sign, float scale, size_t rows, size_t begin, size_t end,
                         size_t columns, float *y, float *factors);

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

// A causal depthwise convolution over one window and then SiLU, within one buffer of rows: the
// channels from `from` go in, those from `to` come out, both with the distance `stride` between
// steps. z[t] = sum over i < width of kernel[width - 1 - i] * x[t - i], with x = 0 before starts[t];
// y = z * sigmoid(z). The kernel is [width, channels].
void ck_short_convolution(float *rows, size_t from, size_t to, size_t stride,
                          const float *parameters, size_t kernel_at, size_t width,
                          const int32_t *starts, size_t starts_at, size_t steps, size_t channels);

// Its gradient: reads drows at `to`, overwrites drows at `from`, adds to the kernel's gradient.
void ck_short_convolution_backward(const float *rows, size_t from, size_t to, size_t stride,
                                   const float *parameters, size_t kernel_at, size_t width,
                                   const int32_t *starts, size_t starts_at, size_t steps,
                                   size_t channels, float *drows, float *dparameters);

// One step: history [width, channels] from `history_at` moves on by a step and takes in the row's
// channels from `from`; those from `to` come out.
void ck_short_convolution_step(float *row, size_t from, size_t to, const float *parameters,
                               size_t kernel_at, size_t width, float *history, size_t history_at,
                               size_t channels);

// features = softmax([z, -z]) row by row: z [rows, size] packed, features [rows, 2 * size] with the
// distance `stride` between rows.
void ck_feature_softmax(const float *z, size_t rows, size_t size, float *features,
                        size_t features_at, size_t stride);

// Its gradient: overwrites dz [rows, size].
void ck_feature_softmax_backward(const float *features, const float *dfeatures, size_t features_at,
                                 size_t stride, size_t rows, size_t size, float *dz);

// The cosines and sines of rotary positions: angle(p, i) = p * base^(-2 i / size), p from `first`,
// [steps, size / 2] each.
void ck_rotary_table(size_t first, size_t steps, size_t size, double base, float *cosines,
                     float *sines);

// Rotates each row's halves (x, y) to (x c - y s, y c + x s) and scales them: packed [steps, size].
void ck_rotate(const float *x, size_t x_at, size_t stride, const float *cosines, const float *sines,
               size_t steps, size_t size, float scale, float *y);

// The gradient of ck_rotate: dx = keep * dx + the rotation back of dy, scaled; keep 0 overwrites.
void ck_rotate_backward(const float *dy, const float *cosines, const float *sines, size_t steps,
                        size_t size, float scale, float keep, float *dx, size_t dx_at,
                        size_t stride);

// y[row] = 0 for rows of `columns` with the distance `stride`.
void ck_clear_rows(float *y, size_t y_at, size_t stride, size_t rows, size_t columns);

// Softmax over what each of `count` queries sees. Query r is step t = first + r; scores[r][c], with
// rows of `width`, is its product with the key of step low + c. It sees the steps from
// max(starts[t], t - window + 1) to t, and the first `memory` steps from starts[t]. Scores become
// weights; memory_weights, [count, memory], those of memory steps under the window, whose scores are
// taken here from packed queries and keys, [steps, size]. log_sums[r] from `log_sums_at`.
void ck_attention_softmax(const float *queries, const float *keys, const int32_t *starts,
                          size_t starts_at, size_t first, size_t count, size_t low, size_t width,
                          size_t window, size_t memory, size_t size, float *scores,
                          float *memory_weights, float *log_sums, size_t log_sums_at);

// The same weights from the saved log sums.
void ck_attention_weights(const float *queries, const float *keys, const int32_t *starts,
                          size_t starts_at, size_t first, size_t count, size_t low, size_t width,
                          size_t window, size_t memory, size_t size, float *scores,
                          float *memory_weights, const float *log_sums, size_t log_sums_at);

// outputs[r] += the memory steps' values times their weights.
void ck_attention_memory(const float *memory_weights, const int32_t *starts, size_t starts_at,
                         size_t first, size_t count, size_t memory, size_t size,
                         const float *values, size_t values_at, size_t values_stride,
                         float *outputs, size_t outputs_at, size_t outputs_stride);

// The gradient of the scores: dots[r] = dot(doutputs[r], outputs[r]), and products, [count, width],
// become weights * (products - dots[r]).
void ck_attention_backward(const float *weights, size_t count, size_t width, size_t size,
                           const float *outputs, const float *doutputs, size_t outputs_at,
                           size_t outputs_stride, float *products, float *dots);

// What the memory steps add to the gradients of packed queries and keys and of the values, which
// have the place and stride of values.
void ck_attention_memory_backward(const float *memory_weights, const float *dots,
                                  const float *queries, const float *keys, const int32_t *starts,
                                  size_t starts_at, size_t first, size_t count, size_t memory,
                                  size_t size, const float *values, size_t values_at,
                                  size_t values_stride, const float *doutputs, size_t outputs_at,
                                  size_t outputs_stride, float *dqueries, float *dkeys,
                                  float *dvalues);

// One query of one head over `count` cached keys and values, [count, size] each, and `memory_count`
// more: scores is room for count + memory_count numbers.
void ck_attention_step(const float *query, const float *keys, const float *values, size_t cache_at,
                       size_t count, const float *memory_keys, const float *memory_values,
                       size_t memory_at, size_t memory_count, size_t size, float *scores,
                       float *output, size_t output_at);

// The inner product over `count` elements from `at`, in double.
double ck_dot(const float *x, const float *y, size_t at, size_t count);

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
