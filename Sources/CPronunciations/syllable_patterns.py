"""Learns SyllablePatterns.swift: where a count of vowel groups is wrong, by pieces of spelling.

    python3 syllable_patterns.py cmudict.dict ../Metrics/Readability/SyllablePatterns.swift

Needs numpy. Four fifths of the dictionary's words teach, the rest (those whose FNV-1a hash of 32 bits
divides by 5) are held out; the tests measure on them. From the count of `base` on, the piece of 2 to 7
characters, `^` and `$` being the word's ends, whose correction by one makes the most words right is
taken until none makes four words more right than wrong.
"""

import re
import sys

import numpy as np

VOWELS = set("aeiouy")
LONGEST = 7
LEAST_GAIN = 4


def base(word):
    """Vowel groups, less the silent e of an ending; SyllableCounter.swift has the same."""
    count = 0
    was_vowel = False
    for letter in word:
        is_vowel = letter in VOWELS
        count += is_vowel and not was_vowel
        was_vowel = is_vowel

    def is_silent(before, sounding):
        if before < 1 or word[before] in VOWELS:
            return False
        if word[before] == "l":
            return word[before - 1] in VOWELS
        return word[before] not in sounding

    if word.endswith("e"):
        count -= is_silent(len(word) - 2, "")
    elif word.endswith("es"):
        sibilant = word[-4:-2] in ("ch", "sh")
        count -= not sibilant and is_silent(len(word) - 3, "szxcg")
    elif word.endswith("ed"):
        count -= is_silent(len(word) - 3, "td")
    return count


def is_held_out(word):
    value = 0x811C9DC5
    for byte in word.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value % 5 == 0


def pieces(word):
    word = f"^{word}$"
    for length in range(2, LONGEST + 1):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def learn(words, syllables):
    numbers = {}
    piece_of, word_of = [], []
    for index, word in enumerate(words):
        for piece in pieces(word):
            if VOWELS & set(piece):
                piece_of.append(numbers.setdefault(piece, len(numbers)))
                word_of.append(index)
    names = list(numbers)
    piece_of, word_of = np.array(piece_of), np.array(word_of)
    order = np.argsort(piece_of, kind="stable")
    piece_of, word_of = piece_of[order], word_of[order]
    starts = np.searchsorted(piece_of, np.arange(len(names) + 1))

    missing = np.array([syllables[word] - base(word) for word in words])
    corrections = {}
    while True:
        right, short, long = (
            np.bincount(piece_of, (missing == value)[word_of], minlength=len(names))
            for value in (0, 1, -1)
        )
        gain, by = max((short - right).max(), (long - right).max()), 1
        best = (short - right).argmax()
        if (short - right)[best] < gain:
            best, by = (long - right).argmax(), -1
        if gain < LEAST_GAIN:
            return {piece: value for piece, value in corrections.items() if value}
        np.subtract.at(missing, word_of[starts[best] : starts[best + 1]], by)
        corrections[names[best]] = corrections.get(names[best], 0) + by


def swift(name, summary, found):
    lines, line = [], "   "
    for piece in sorted(found):
        if len(line) + len(piece) + 1 > 96:
            lines.append(line)
            line = "   "
        line += " " + piece
    lines.append(line)
    body = "\n".join(lines)
    return f'  /// {summary}\n  static let {name} = """\n{body}\n    """\n'


def main(source, target):
    syllables = {}
    for line in open(source, encoding="utf-8"):
        word, *phones = line.split("#")[0].split()
        if re.fullmatch(r"[a-z]+", word) and word not in syllables:
            syllables[word] = max(1, sum(phone[-1].isdigit() for phone in phones))
    corrections = learn([word for word in sorted(syllables) if not is_held_out(word)], syllables)

    right = {False: [], True: []}
    for word, count in syllables.items():
        guess = base(word) + sum(corrections.get(piece, 0) for piece in pieces(word))
        right[is_held_out(word)].append(max(1, guess) == count)
    for held_out, results in right.items():
        print("held out" if held_out else "taught", len(results), sum(results) / len(results))
    print(len(corrections), "patterns", set(corrections.values()))

    with open(target, "w") as file:
        file.write(
            "// Pieces of spelling that correct a count of vowel groups. Made by syllable_patterns.py from\n"
            "// the CMU Pronouncing Dictionary (beside its notice in CPronunciations); not edited by hand.\n\n"
            "/// Where counting vowel groups is wrong: pieces of words, `^` and `$` being a word's ends.\n"
            "enum SyllablePatterns {\n"
        )
        file.write(swift("more", "Each occurrence adds a syllable.", [p for p, v in corrections.items() if v == 1]))
        file.write("\n")
        file.write(swift("fewer", "Each occurrence takes one away.", [p for p, v in corrections.items() if v == -1]))
        file.write("}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
