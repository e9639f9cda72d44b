"""Makes lexical.json: what other programs say of the texts below.

Run in an environment with lexicalrichness 0.5.1 and lexical-diversity 0.1.1:

    python lexical_goldens.py > lexical.json

Types, type-token ratio, MATTR (window 50) and MTLD (0.72) are lexicalrichness's, on lower-case words that
are found by a regular expression. The MATTR of lexical-diversity is checked against it. Hapaxes and entropy
are a Counter's and math.log2's.
"""

import json
import math
import re
from collections import Counter

from lexical_diversity import lex_div
from lexicalrichness import LexicalRichness

FARM = """The old farmer kept three cows, two horses and a great many hens. Every morning he went out to
feed the hens, and every evening he brought the cows home from the field beside the river. One day the
youngest cow wasn't there. He looked behind the barn; he looked under the apple trees; he even looked in the
well-kept garden of his neighbour, who didn't like cows at all. Nobody had seen her. When it grew dark the
farmer lit a lamp and walked along the river, calling her name again and again. At last, near the bridge, he
heard a quiet answer. The cow stood in the shallow water with 12 ducks around her, and she would not leave
until the ducks had gone to sleep. So the farmer sat down on the bank, and he waited too. It was midnight
when they came home, and from that night the ducks lived on the farm."""

TALK = " ".join(
    f"do you want the {a} {b}? no, I don't want the {a} {b}, I want the {c} one! you want the {c} {b}."
    for a, b, c in [("red", "ball", "blue"), ("big", "car", "small"), ("old", "hat", "new"), ("wet", "sock", "dry")] * 3
)

ROWS = " ".join(f"{a}{b} {b}{a}{a}" for a in "lmnoprst" for b in "aeiou") + " " + "na " * 30

TEXTS = {"farm": FARM, "talk": TALK, "rows": ROWS, "short": "We saw a seal, and the seal saw us."}


def words(text):
    return re.findall(r"[a-z0-9]+(?:['-][a-z0-9]+)*", text.lower())


def values(text):
    tokens = words(text)
    rich = LexicalRichness(text, preprocessor=None, tokenizer=words)
    counts = Counter(tokens)
    if len(tokens) >= 50:
        assert abs(rich.mattr(window_size=50) - lex_div.mattr(tokens, 50)) < 1e-12
    return {
        "types": rich.terms,
        "hapaxes": sum(c == 1 for c in counts.values()),
        "typeTokenRatio": rich.ttr,
        "mattr": rich.mattr(window_size=50) if len(tokens) >= 50 else None,
        "mtld": rich.mtld(threshold=0.72) if len(tokens) >= 100 else None,
        "unigramEntropy": -sum(c / len(tokens) * math.log2(c / len(tokens)) for c in counts.values()),
    }


print(json.dumps([{"name": n, "text": t, "values": values(t)} for n, t in TEXTS.items()], indent=1))
