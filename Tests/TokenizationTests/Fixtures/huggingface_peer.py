"""The independent program that the tokenization tests compare with: Hugging Face tokenizers 0.23.

  goldens FOLDER                    writes tokenizer.json and ids.json from FOLDER/texts.json, the
                                    files that the tests read where the package is absent
  documents DATA BYTES OUT          collects up to BYTES of real text, documents ended by NUL
  train DOCUMENTS SIZE MINIMUM OUT  trains a tokenizer.json and prints the seconds
  encode TOKENIZER DOCUMENTS OUT    writes the ids as little-endian uint32 and prints the seconds
  classes                           prints the SHA-256 of the runs of equal class over all scalars
  shard PATH                        reads a token shard with numpy and prints what it holds

Goldens were made with:
  pip install tokenizers==0.23.3 numpy
  python huggingface_peer.py goldens Tests/TokenizationTests/Fixtures
"""

import hashlib
import json
import os
import re
import sys
import time
import zipfile

END, PAD = "<|endoftext|>", "<|pad|>"


def new_tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def trained(texts, size, minimum):
    from tokenizers import pre_tokenizers, processors, trainers

    tokenizer = new_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=minimum,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{END} $A", pair=f"{END} $A {END} $B", special_tokens=[(END, 0)]
    )
    return tokenizer


def read_documents(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8").split("\0")[:-1]


def collect(data, limit):
    """Real text of every kind there is, a share of the limit each."""
    parts = []

    def take(texts, share):
        left = limit * share
        for text in texts:
            if left <= 0:
                break
            text = text.replace("\0", "")
            if END in text or PAD in text or not text:
                continue
            left -= len(text.encode())
            parts.append(text)

    def childes():
        for name in sorted(os.listdir(f"{data}/childes")):
            with zipfile.ZipFile(f"{data}/childes/{name}") as archive:
                for member in archive.namelist():
                    if member.endswith(".cha"):
                        yield archive.read(member).decode("utf-8", "replace")

    def files(folder, endings):
        for root, _, names in sorted(os.walk(f"{data}/{folder}")):
            for name in sorted(names):
                if name.endswith(endings):
                    with open(f"{root}/{name}", "rb") as file:
                        yield file.read().decode("utf-8", "replace")

    def wiki():
        for text in files("wikipedia", (".xml", ".wikitext", ".txt")):
            yield from re.split(r"\n\n+", text)

    def json_lines():
        for text in files("fineweb-edu", ".jsonl"):
            for line in text.splitlines():
                yield json.loads(line).get("text", "")

    def stories():
        for text in files("tinystories", (".txt", ".json")):
            yield from re.split(r"<\|endoftext\|>", text)

    take(stories(), 0.3)
    take(childes(), 0.3)
    take(wiki(), 0.3)
    take(json_lines(), 0.1)
    return parts


def main():
    mode, arguments = sys.argv[1], sys.argv[2:]
    if mode == "goldens":
        folder = arguments[0]
        texts = json.load(open(f"{folder}/texts.json", encoding="utf-8"))
        tokenizer = trained(texts, 400, 2)
        with open(f"{folder}/tokenizer.json", "w", encoding="utf-8") as file:
            file.write(tokenizer.to_str(pretty=True))
        ids = [tokenizer.encode(text).ids for text in texts]
        with open(f"{folder}/ids.json", "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(row) for row in ids) + "\n]\n")
    elif mode == "documents":
        with open(arguments[2], "wb") as file:
            for text in collect(arguments[0], int(arguments[1])):
                file.write(text.encode() + b"\0")
    elif mode == "train":
        texts = read_documents(arguments[0])
        start = time.time()
        tokenizer = trained(texts, int(arguments[1]), int(arguments[2]))
        print(f"seconds {time.time() - start:.3f}")
        with open(arguments[3], "w", encoding="utf-8") as file:
            file.write(tokenizer.to_str(pretty=True))
    elif mode == "encode":
        import array

        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(arguments[0])
        texts = read_documents(arguments[1])
        ids = array.array("I")
        start = time.time()
        for text in texts:
            ids.extend(tokenizer.encode(text).ids)
        print(f"seconds {time.time() - start:.3f}")
        with open(arguments[2], "wb") as file:
            ids.tofile(file)
    elif mode == "classes":
        print(scalar_classes_hash())
    elif mode == "shard":
        show_shard(arguments[0])


def scalar_classes_hash():
    """SHA-256 over a line "first class" for each run of scalars of one class: 0 other, 1 letter,
    2 number, 3 white space."""
    from tokenizers import pre_tokenizers

    cut = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str

    def kind(scalar):
        for sign, number in (("a", 1), ("1", 2), ("!", 0)):
            if len(cut(sign + scalar)) == 1:
                return number
        return 3

    lines, last = [], None
    for value in range(0x110000):
        if 0xD800 <= value < 0xE000:
            continue
        number = kind(chr(value))
        if number != last:
            lines.append(f"{value} {number}\n")
            last = number
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def show_shard(path):
    """Reads both files as the guide says and prints JSON."""
    import numpy

    tokens = numpy.memmap(path + ".bin", dtype="<u2", offset=64, mode="r")
    raw = open(path + ".idx", "rb").read()
    head = numpy.frombuffer(raw, dtype="<u8", count=8)
    documents = numpy.frombuffer(
        raw,
        dtype=[
            ("first", "<u8"),
            ("words", "<u4"),
            ("source", "<u4"),
            ("high", "<u8"),
            ("low", "<u8"),
        ],
        count=int(head[2]),
        offset=int(head[5]),
    )
    bits = numpy.frombuffer(raw, dtype="u1", offset=int(head[6]))
    starts = numpy.unpackbits(bits, bitorder="little")[: len(tokens)]
    print(
        json.dumps(
            {
                "tokens": tokens.tolist(),
                "first": documents["first"].tolist(),
                "words": documents["words"].tolist(),
                "sources": documents["source"].tolist(),
                "identities": [f"{h:016x}{l:016x}" for h, l in documents[["high", "low"]]],
                "starts": starts.tolist(),
            }
        )
    )


main()
