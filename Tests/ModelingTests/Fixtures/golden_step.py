"""Golden steps of tiny networks, one a combination of mechanisms, in numpy float64, written from the
model page alone.

It shares no code and no algorithm with the Swift side: the mLSTM is the recurrence below, attention
and the convolution look back over plain lists, and every gradient is taken by complex-step
differentiation, g = Im f(x + ih) / h with h = 1e-30, which has no rounding of differences. The
functions are therefore written for complex numbers: the absolute value and the maximum follow the
real part. The leading axis of every array is which parameter is shifted.

    python3 golden_step.py > golden_step.json

Made with numpy 2.4.6. The parameters are not stored: both sides compute parameter number i as
centre + spread * (frac(i * golden ratio) * 2 - 1), rounded to float32; see `parameters` below. Ten
losses are those of ten steps of plain gradient descent at the rate 0.02, each before its step.
"""
import json
import numpy as np

D, H, F, V, T = 12, 2, 5, 9, 6
S = D // H
EPSILON, RATE, BATCH = 1e-6, 0.02, 192
PLAIN = [[4, 3, 1, 1, 3, 5, 2], [7, 7, 4, 8, 0, 6, 8]]
# Documents begin within windows, one after another and at a window's start; one window is padded.
MIXED = [[4, 3, 0, 0, 3, 5, 2], [-1, -1, 7, 4, 0, 6, 8], [0, 2, 8, 8, 1, 3, 5]]

CASES = [
    dict(name="mlstm", blocks=2, tied=False),
    dict(name="convolution", convolution=4),
    dict(name="hedgehog", hedgehog=True),
    dict(name="average", window="average"),
    dict(name="average memory", window="average", memory=2),
    dict(name="modulated", window="modulated"),
    dict(name="bounded memory", window="bounded", memory=2),
    dict(name="convolution hedgehog", convolution=4, hedgehog=True, tied=False),
    dict(name="convolution bounded", convolution=4, window="bounded"),
    dict(name="hedgehog modulated", hedgehog=True, window="modulated"),
    dict(name="isolated", isolated=True, windows=MIXED),
    dict(name="everything", blocks=2, convolution=4, hedgehog=True, window="bounded", memory=2,
         isolated=True, windows=MIXED),
    dict(name="attention", attention=True, tied=False),
    dict(name="attention isolated", attention=True, blocks=2, isolated=True, windows=MIXED),
]
DEFAULTS = dict(blocks=1, tied=True, convolution=0, hedgehog=False, window="none", memory=0,
                isolated=False, attention=False, windows=PLAIN)
WINDOW = 3


def layout(case):
    yield "embedding.weight", (V, D)
    for n in range(case["blocks"]):
        b = f"blocks.{n}."
        yield b + "mixerNorm.gain", (D,)
        for name in ("query", "key", "value"):
            yield b + f"mixer.{name}.weight", (D, D)
        if not case["attention"]:
            yield b + "mixer.outputGate.weight", (D, D)
            yield b + "mixer.inputGate.weight", (H, D)
            yield b + "mixer.forgetGate.weight", (H, D)
            yield b + "mixer.inputGate.bias", (H,)
            yield b + "mixer.forgetGate.bias", (H,)
            if case["convolution"]:
                yield b + "mixer.queryConvolution.weight", (case["convolution"], D)
                yield b + "mixer.keyConvolution.weight", (case["convolution"], D)
            if case["hedgehog"]:
                yield b + "mixer.queryFeatures.weight", (H, S, S)
                yield b + "mixer.keyFeatures.weight", (H, S, S)
            yield b + "mixer.headNorm.gain", (D,)
            if case["window"] in ("modulated", "bounded"):
                yield b + "mixer.slidingWindow.alpha", ()
        yield b + "mixer.out.weight", (D, D)
        yield b + "feedForwardNorm.gain", (D,)
        yield b + "feedForward.gate.weight", (F, D)
        yield b + "feedForward.up.weight", (F, D)
        yield b + "feedForward.down.weight", (D, F)
    yield "finalNorm.gain", (D,)
    if not case["tied"]:
        yield "unembedding.weight", (V, D)


def parameters(case):
    at, result = 0, []
    for name, shape in layout(case):
        count = int(np.prod(shape))
        centre = 1.0 if name.endswith("gain") else 2.0 if name.endswith("forgetGate.bias") else 0.0
        spread = 0.3 if name.endswith("gain") else 0.7
        part = np.arange(at, at + count) * 0.6180339887498949 % 1.0
        result.append((centre + spread * (2 * part - 1)).astype(np.float32).astype(np.float64))
        at += count
    return np.concatenate(result)


def unpack(case, flat):
    """Tensors by name, [batch, ...], from [batch, count]."""
    at, result = 0, {}
    for name, shape in layout(case):
        count = int(np.prod(shape))
        result[name] = flat[:, at:at + count].reshape((flat.shape[0],) + shape)
        at += count
    return result


def times(weight, x):
    return np.einsum("bij,bj->bi", weight, x)


def dot(x, y):
    return np.sum(x * y, axis=-1)


def absolute(z):
    return np.where(z.real >= 0, z, -z)


def larger(a, b):
    return np.where(a.real >= b.real, a, b)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)


def rms_norm(x, gain):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + EPSILON) * gain


def layer_norm(x):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + EPSILON)


def rotate(x, step):
    angle = step * 10000.0 ** (-2 * np.arange(S // 2) / S)
    a, b = x[:, :S // 2], x[:, S // 2:]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle),
                           b * np.cos(angle) + a * np.sin(angle)], axis=-1)


class Block:
    """What one block has read of the text so far: nothing, at its first token."""

    def __init__(self):
        self.projected = {"query": [], "key": []}
        self.keys = [[] for _ in range(H)]
        self.values = [[] for _ in range(H)]
        self.cells = [None] * H

    def convolve(self, case, p, b, name, x):
        past = self.projected[name]
        past.append(x)
        kernel = p[b + f"mixer.{name}Convolution.weight"]
        width = case["convolution"]
        z = sum(kernel[:, width - 1 - i] * past[-1 - i] for i in range(min(width, len(past))))
        return z * sigmoid(z)

    def attend(self, case, h, q, k, v, window):
        position = len(self.keys[h])
        self.keys[h].append(rotate(k, position))
        self.values[h].append(v)
        seen = [j for j in range(position + 1)
                if window is None or j > position - window or j < case["memory"]]
        scores = np.stack([dot(rotate(q, position), self.keys[h][j]) / np.sqrt(S)
                           for j in seen], axis=-1)
        weights = softmax(scores)
        return sum(weights[:, i:i + 1] * self.values[h][j] for i, j in enumerate(seen))

    def remember(self, h, q, k, v, gate, forget):
        log_forget = -np.log(1 + np.exp(-forget))
        if self.cells[h] is None:
            # The definition's m is a maximum over written steps alone: no m before the first.
            top, C, norm = gate, k[:, :, None] * v[:, None, :], k
        else:
            C, norm, m = self.cells[h]
            top = larger(log_forget + m, gate)
            keep, write = np.exp(log_forget + m - top), np.exp(gate - top)
            C = keep[:, None, None] * C + write[:, None, None] * k[:, :, None] * v[:, None, :]
            norm = keep[:, None] * norm + write[:, None] * k
        self.cells[h] = (C, norm, top)
        q = q / np.sqrt(q.shape[-1])
        below = larger(absolute(dot(q, norm)), np.exp(-top)) + EPSILON
        return np.einsum("bp,bpi->bi", q, C) / below[:, None]

    def step(self, case, p, b, y):
        q, k, v = (times(p[b + f"mixer.{m}.weight"], y) for m in ("query", "key", "value"))
        part = [slice(h * S, (h + 1) * S) for h in range(H)]
        if case["attention"]:
            return np.concatenate([self.attend(case, h, q[:, part[h]], k[:, part[h]],
                                               v[:, part[h]], None) for h in range(H)], axis=-1)
        if case["convolution"]:
            q, k = (self.convolve(case, p, b, n, x) for n, x in (("query", q), ("key", k)))
        gate, forget = (15 * np.tanh((times(p[b + f"mixer.{g}.weight"], y)
                                      + p[b + f"mixer.{g}.bias"]) / 15)
                        for g in ("inputGate", "forgetGate"))
        heads, attended = [], []
        for h in range(H):
            fq, fk = q[:, part[h]], k[:, part[h]]
            if case["window"] != "none":
                attended.append(self.attend(case, h, fq, fk, v[:, part[h]], WINDOW))
            if case["hedgehog"]:
                zq = times(p[b + "mixer.queryFeatures.weight"][:, h], fq)
                zk = times(p[b + "mixer.keyFeatures.weight"][:, h], fk)
                fq = softmax(np.concatenate([zq, -zq], axis=-1))
                fk = softmax(np.concatenate([zk, -zk], axis=-1))
            heads.append(layer_norm(self.remember(h, fq, fk, v[:, part[h]], gate[:, h],
                                                  forget[:, h])))
        mixed = np.concatenate(heads, axis=-1) * p[b + "mixer.headNorm.gain"]
        if case["window"] == "average":
            mixed = (mixed + np.concatenate(attended, axis=-1)) / 2
        elif case["window"] != "none":
            alpha = p[b + "mixer.slidingWindow.alpha"]
            share = np.tanh(alpha) if case["window"] == "bounded" else alpha
            mixed = mixed + share[:, None] * np.concatenate(attended, axis=-1)
        return sigmoid(times(p[b + "mixer.outputGate.weight"], y)) * mixed


def window_loss(case, p, ids):
    blocks = [Block() for _ in range(case["blocks"])]
    total, count = 0, 0
    for token, target in zip(ids[:-1], ids[1:]):
        if token < 0:
            continue
        if case["isolated"] and token == 0:
            blocks = [Block() for _ in blocks]
        x = p["embedding.weight"][:, token]
        for n, block in enumerate(blocks):
            b = f"blocks.{n}."
            mixed = block.step(case, p, b, rms_norm(x, p[b + "mixerNorm.gain"]))
            x = x + times(p[b + "mixer.out.weight"], mixed)
            y = rms_norm(x, p[b + "feedForwardNorm.gain"])
            gate = times(p[b + "feedForward.gate.weight"], y)
            x = x + times(p[b + "feedForward.down.weight"],
                          gate * sigmoid(gate) * times(p[b + "feedForward.up.weight"], y))
        head = p["embedding.weight" if case["tied"] else "unembedding.weight"]
        logits = times(head, rms_norm(x, p["finalNorm.gain"]))
        total = total + np.log(np.sum(np.exp(logits), axis=-1)) - logits[:, target]
        count += 1
    return total, count


def loss(case, flat):
    p = unpack(case, flat)
    parts = [window_loss(case, p, ids) for ids in case["windows"]]
    return sum(part for part, _ in parts) / sum(count for _, count in parts)


def gradient(case, values):
    result = np.zeros(values.size)
    for start in range(0, values.size, BATCH):
        indices = np.arange(start, min(start + BATCH, values.size))
        flat = np.tile(values.astype(complex), (indices.size, 1))
        flat[np.arange(indices.size), indices] += 1e-30j
        result[indices] = loss(case, flat).imag / 1e-30
    return result


def record(case):
    case = DEFAULTS | case
    values = parameters(case)
    losses, first = [], None
    for _ in range(10):
        losses.append(float(loss(case, values[None, :].astype(complex))[0].real))
        g = gradient(case, values)
        first = g if first is None else first
        values = values - RATE * g
    tensors, at = [], 0
    for name, shape in layout(case):
        count = int(np.prod(shape))
        tensors.append({"name": name, "shape": list(shape),
                        "gradient": [float(f"{x:.9g}") for x in first[at:at + count]]})
        at += count
    return {key: case[key] for key in DEFAULTS} | {
        "name": case["name"], "losses": losses, "tensors": tensors}


if __name__ == "__main__":
    lines = [json.dumps(record(case), separators=(",", ":")) for case in CASES]
    print("[\n" + ",\n".join(lines) + "\n]")
