"""One golden step of a tiny network, in numpy float64, written from the model page alone.

It shares no code and no algorithm with the Swift side: the mLSTM is the recurrence below, and every
gradient is taken by complex-step differentiation, g = Im f(x + ih) / h with h = 1e-30, which has no
rounding of differences. The functions are therefore written for complex numbers: the absolute
value and the maximum follow the real part.

    python3 golden_step.py > golden_step.json

Made with numpy 2.4.6. The parameters are not stored: both sides compute parameter number i as
centre + spread * (frac(i * golden ratio) * 2 - 1), rounded to float32; see `parameters` below.
"""
import json
import numpy as np

D, N, H, F, V, T = 8, 2, 2, 6, 11, 6
WINDOWS = [[0, 3, 10, 1, 3, 5, 2], [7, 7, 4, 9, 0, 6, 8]]
EPSILON = 1e-6


def layout():
    yield "embedding.weight", (V, D)
    for n in range(N):
        b = f"blocks.{n}."
        yield b + "mixerNorm.gain", (D,)
        for name in ("query", "key", "value", "outputGate"):
            yield b + f"mixer.{name}.weight", (D, D)
        yield b + "mixer.inputGate.weight", (H, D)
        yield b + "mixer.forgetGate.weight", (H, D)
        yield b + "mixer.inputGate.bias", (H,)
        yield b + "mixer.forgetGate.bias", (H,)
        yield b + "mixer.headNorm.gain", (D,)
        yield b + "mixer.out.weight", (D, D)
        yield b + "feedForwardNorm.gain", (D,)
        yield b + "feedForward.gate.weight", (F, D)
        yield b + "feedForward.up.weight", (F, D)
        yield b + "feedForward.down.weight", (D, F)
    yield "finalNorm.gain", (D,)
    yield "unembedding.weight", (V, D)


def parameters():
    at, result = 0, {}
    for name, shape in layout():
        count = int(np.prod(shape))
        centre = 1.0 if name.endswith("gain") else 2.0 if name.endswith("forgetGate.bias") else 0.0
        spread = 0.25 if name.endswith("gain") else 0.5
        part = np.arange(at, at + count) * 0.6180339887498949 % 1.0
        values = (centre + spread * (2 * part - 1)).astype(np.float32).astype(np.complex128)
        result[name] = values.reshape(shape)
        at += count
    return result


def absolute(z):
    return z if z.real >= 0 else -z


def larger(a, b):
    return a if a.real >= b.real else b


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rms_norm(x, gain):
    return x / np.sqrt(np.mean(x * x) + EPSILON) * gain


def layer_norm(x):
    centred = x - np.mean(x)
    return centred / np.sqrt(np.mean(centred * centred) + EPSILON)


def window_loss(p, ids):
    state = [[(np.zeros((D // H, D // H), complex), np.zeros(D // H, complex), None)
              for _ in range(H)] for _ in range(N)]
    total = 0
    for token, target in zip(ids[:-1], ids[1:]):
        x = p["embedding.weight"][token]
        for n in range(N):
            b = f"blocks.{n}."
            y = rms_norm(x, p[b + "mixerNorm.gain"])
            q, k, v, og = (p[b + f"mixer.{m}.weight"] @ y
                           for m in ("query", "key", "value", "outputGate"))
            gi, gf = (15 * np.tanh((p[b + f"mixer.{g}.weight"] @ y + p[b + f"mixer.{g}.bias"]) / 15)
                      for g in ("inputGate", "forgetGate"))
            heads = []
            for h in range(H):
                part = slice(h * (D // H), (h + 1) * (D // H))
                C, norm, m = state[n][h]
                log_forget = -np.log(1 + np.exp(-gf[h]))
                # The definition's m is a maximum over written steps alone: no m before the first.
                top = gi[h] if m is None else larger(log_forget + m, gi[h])
                keep = 0 if m is None else np.exp(log_forget + m - top)
                write = np.exp(gi[h] - top)
                C = keep * C + write * np.outer(k[part], v[part])
                norm = keep * norm + write * k[part]
                state[n][h] = (C, norm, top)
                query = q[part] / np.sqrt(D // H)
                below = larger(absolute(query @ norm), np.exp(-top)) + EPSILON
                heads.append(layer_norm(query @ C / below))
            mixed = np.concatenate(heads) * p[b + "mixer.headNorm.gain"]
            x = x + p[b + "mixer.out.weight"] @ (sigmoid(og) * mixed)
            y = rms_norm(x, p[b + "feedForwardNorm.gain"])
            gate = p[b + "feedForward.gate.weight"] @ y
            x = x + p[b + "feedForward.down.weight"] @ (
                gate * sigmoid(gate) * (p[b + "feedForward.up.weight"] @ y))
        logits = p["unembedding.weight"] @ rms_norm(x, p["finalNorm.gain"])
        total = total + np.log(np.sum(np.exp(logits))) - logits[target]
    return total


def loss(p):
    return sum(window_loss(p, ids) for ids in WINDOWS) / sum(len(ids) - 1 for ids in WINDOWS)


p = parameters()
tensors = []
for name, shape in layout():
    flat = p[name].reshape(-1)
    gradient = np.zeros(flat.size)
    for i in range(flat.size):
        kept = flat[i]
        flat[i] = kept + 1e-30j
        gradient[i] = loss(p).imag / 1e-30
        flat[i] = kept
    tensors.append({"name": name, "shape": list(shape), "norm": float(np.linalg.norm(gradient)),
                    "first": float(gradient[0]), "last": float(gradient[-1])})
print(json.dumps({"windows": WINDOWS, "loss": float(loss(p).real), "tensors": tensors}, indent=1))
