"""Makes quality.json: what other programs say of the texts below, one number a column.

Run in an environment with datatrove 0.10.1 and numpy (pip install datatrove numpy):

    python quality_goldens.py > quality.json

The repetition numbers are those of datatrove's own helper functions, given words that are split at white
space in place of its language-dependent ones. The rest are the rules written out in a few lines of Python
(`str.split`, `str.splitlines`, `re`), which share nothing with the Swift code.
"""

import json
import re
import unicodedata

from datatrove.pipeline.filters.c4_filters import ELLIPSIS, END_PUNCTUATION, POLICY_SUBSTRINGS
from datatrove.pipeline.filters.gopher_quality_filter import STOP_WORDS
from datatrove.pipeline.filters.gopher_repetition_filter import (
    find_all_duplicate,
    find_duplicates,
    find_top_duplicate,
    get_n_grams,
)

STORY = (
    "The little boat went out to sea. The little boat met a big wave, and the big wave said: "
    "\u201cWhere do you go, little boat?\u201d\n\nThe boat said nothing. It went up and it went down...\n"
    "- one wave\n- two waves\n  - and the big wave again\n\nThe boat said nothing. It went up and it "
    "went down...\n- one wave\n\nSo the little boat went out to sea. The little boat met a big wave, and "
    "that was the end of it\u2026"
)
SONG = "\n".join(["Row, row, row your boat,", "Gently down the stream.", "Merrily, merrily, merrily,"] * 4)
PAGE = (
    "Home | About | #contact\nThis site uses cookies. Please enable JavaScript to go on.\n"
    "Lorem ipsum dolor sit amet, lorem\tipsum.\nfunction f() { return {}; }\n"
    "The museum opens at nine o'clock. Children pay nothing!\nIs it open on Mondays?\n"
    "\u2022 first thing\n\u2022 second thing\nread our Terms of Use and the Privacy Policy\n"
    + "x" * 1001
    + " is a long word.\nAll rights reserved 2020\n"
    '"We saw the whale," he said, "and the whale saw us."'
)
OTHER = "Der kleine Hund l\u00e4uft \u00fcber die Br\u00fccke. \u041c\u0430\u043c\u0430 \u043c\u044b\u043b\u0430 \u0440\u0430\u043c\u0443 \u0438 12 34 -- \u2014 !!!"
TEXTS = {
    "story": STORY,
    "song": SONG,
    "page": PAGE,
    "other": OTHER,
    "one": "Hello",
    "three": "no no no",
    "repeated": "dog " * 40,
    "arabic": "\u0643\u0627\u0646 \u0627\u0644\u0648\u0644\u062f \u064a\u062c\u0631\u064a \u0641\u064a \u0627\u0644\u062d\u062f\u064a\u0642\u0629\u060c \u0643\u0627\u0646 \u0627\u0644\u0648\u0644\u062f \u064a\u062c\u0631\u064a \u0633\u0631\u064a\u0639\u0627\u061f",
    "emoji": "\U0001f600\U0001f600 \U0001f600 \u2764\ufe0f",
    "digits": "1 22 333 1 22 333 4444",
}


def holds(word, kinds):
    return any(unicodedata.category(c)[0] in kinds for c in word)


def repetition(text):
    lines = [x for x in re.split(r"\n+", text) if x]
    paragraphs = [x for x in re.split(r"\n{2,}", text.strip()) if x]
    words = text.split()
    line_count, line_characters = find_duplicates(lines)
    paragraph_count, paragraph_characters = find_duplicates(paragraphs)
    values = {
        "duplicateLineFraction": line_count / len(lines),
        "duplicateLineCharacterFraction": line_characters / len(text),
        "duplicateParagraphFraction": paragraph_count / len(paragraphs),
        "duplicateParagraphCharacterFraction": paragraph_characters / len(text),
    }
    for n in range(2, 11):
        name = f"{'top' if n < 5 else 'duplicate'}{n}GramCharacterFraction"
        if len(words) < n:
            values[name] = None
        elif n < 5:
            values[name] = find_top_duplicate(get_n_grams(words, n)) / len(text)
        else:
            values[name] = find_all_duplicate(words, n) / len(text)
    return values


def gopher(text):
    words = text.split()
    content = [w for w in words if holds(w, "LN")]
    bare = {re.sub(r"^[^A-Za-z\u0080-\U0010ffff]+|[^A-Za-z\u0080-\U0010ffff]+$", "", w).lower() for w in words}
    lines = text.splitlines()
    return {
        "gopherWords": len(content),
        "meanWordLength": sum(map(len, content)) / len(content) if content else None,
        "stopWords": len(bare & set(STOP_WORDS)),
        "hashToWordRatio": text.count("#") / len(words),
        "ellipsisToWordRatio": (text.count("...") + text.count("\u2026")) / len(words),
        "bulletLineFraction": sum(s.lstrip().startswith(("\u2022", "-")) for s in lines) / len(lines),
        "ellipsisLineFraction": sum(s.rstrip().endswith(("...", "\u2026")) for s in lines) / len(lines),
        "alphabeticWordFraction": sum(any(c.isalpha() for c in w) for w in words) / len(words),
    }


def c4(text):
    lines = [s.strip() for s in text.splitlines() if s.strip()]
    ended = [s for s in lines if s.endswith(END_PUNCTUATION) and not s.endswith(ELLIPSIS)]
    short = [s for s in lines if len(s.split()) < 3]
    script = [s for s in lines if "javascript" in s.lower()]
    policy = [s for s in lines if any(p in s.lower() for p in POLICY_SUBSTRINGS)]
    long = [s for s in lines if any(len(w) > 1000 for w in s.split())]
    kept = [s for s in ended if s not in short + script + policy + long]
    return {
        "c4Lines": len(lines),
        "c4KeptLines": len(kept),
        "terminalPunctuationLineFraction": len(ended) / len(lines),
        "shortLineFraction": len(short) / len(lines),
        "javascriptLines": len(script),
        "policyLines": len(policy),
        "longWordLines": len(long),
        "loremIpsum": text.lower().count("lorem ipsum"),
        "curlyBrackets": text.count("{"),
    }


print(
    json.dumps(
        [
            {"name": name, "text": text, "values": repetition(text) | gopher(text) | c4(text)}
            for name, text in TEXTS.items()
        ],
        indent=1,
    )
)
