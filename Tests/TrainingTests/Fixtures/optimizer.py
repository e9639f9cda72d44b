"""Writes optimizer.json: five steps of Muon and AdamW, computed in float64 with numpy.

Run: python3 optimizer.py > optimizer.json (numpy 2.4). Inputs are the deterministic sequence
`sample`, which the Swift test repeats; nothing here was taken from the Swift code.
"""
import json

import numpy as np


def sample(n, seed):
    # A linear congruential generator modulo 2^31, mapped to -1 ... 1.
    values, state = [], seed
    for _ in range(n):
        state = (1103515245 * state + 12345) % 2**31
        values.append(state / 2**30 - 1)
    return np.array(np.array(values, np.float32), np.float64)


def newton_schulz(g):
    x = g / (np.linalg.norm(g) + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


TENSORS = [
    ("wide", (6, 10), "muon"), ("tall", (12, 5), "muon"), ("square", (7, 7), "muon"),
    ("embedding", (9, 4), "adamWithDecay"), ("gain", (4,), "adam"),
]
RATES = [0.01, 0.02, 0.03, 0.02, 0.01]
DECAY, BETA1, BETA2, EPSILON, MOMENTUM = 0.1, 0.9, 0.95, 1e-8, 0.95


def run(all_adam):
    weights = {n: sample(int(np.prod(s)), 100 + i).reshape(s) for i, (n, s, _) in enumerate(TENSORS)}
    first = {n: np.zeros(s) for n, s, _ in TENSORS}
    second = {n: np.zeros(s) for n, s, _ in TENSORS}
    for t, rate in enumerate(RATES, 1):
        for i, (name, shape, rule) in enumerate(TENSORS):
            g = 0.5 * sample(int(np.prod(shape)), 1000 * t + i).reshape(shape)
            w = weights[name]
            if rule == "muon" and not all_adam:
                first[name] = MOMENTUM * first[name] + g
                u = newton_schulz(g + MOMENTUM * first[name])
                weights[name] = w * (1 - rate * DECAY) - rate * 0.2 * np.sqrt(max(shape)) * u
            else:
                decay = 0 if rule == "adam" else DECAY
                first[name] = BETA1 * first[name] + (1 - BETA1) * g
                second[name] = BETA2 * second[name] + (1 - BETA2) * g * g
                m = first[name] / (1 - BETA1**t)
                v = second[name] / (1 - BETA2**t)
                weights[name] = w * (1 - rate * decay) - rate * m / (np.sqrt(v) + EPSILON)
    return {n: [float(f"{x:.9g}") for x in w.ravel()] for n, w in weights.items()}


print(json.dumps({"muon": run(False), "adamw": run(True)}, indent=1))
