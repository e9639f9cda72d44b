"""The peer of the tests that compare files from elsewhere: Hugging Face tokenizers 0.23.

  documents DATA BYTES OUT          collects up to BYTES of every kind of text under DATA
  random BYTES SEED OUT             makes random Unicode, documents ended by NUL
  families DOCUMENTS FOLDER         trains a vocabulary of each family on (some of) the documents
  encode TOKENIZER DOCUMENTS OUT    writes the ids, UINT32_MAX behind each document
  astext TOKENIZER DOCUMENTS OUT    the same with special tokens as text and no template
  offsets TOKENIZER DOCUMENTS       prints for each document ids and offsets as JSON
  decode TOKENIZER IDS              prints the texts of JSON lists of ids as JSON
  normalize                         prints a SHA-256 for each normalization form over the scalars
                                    below U+32400 (no others are mapped)
  tiktoken RANKS PATTERN DOCS OUT   ids by the package tiktoken from a rank file
  transformers FOLDER DOCUMENTS OUT ids by the package transformers from a tokenizer's folder
  ranks TOKENIZER OUT               writes the vocabulary as a rank file
  odd COUNT SEED OUT                makes tokenizers of random parts (normalizers, added tokens with
                                    every flag, templates, ids with gaps) and writes for each, one
                                    JSON object a line, random texts with ids, offsets and decodings
"""

import array
import base64
import bz2
import gzip
import hashlib
import io
import json
import os
import random
import resource
import sys
import zipfile

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def read_documents(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8").split("\0")[:-1]


def texts_of(name, data):
    """The texts in a file, whatever it is; compressed and archived ones are opened."""
    if name.endswith(".zip"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in sorted(archive.namelist()):
                    if not member.endswith("/"):
                        try:
                            yield from texts_of(member, archive.read(member))
                        except RuntimeError:
                            continue
        except zipfile.BadZipFile:
            return
    elif name.endswith(".bz2"):
        try:
            yield from texts_of(name[:-4], bz2.decompress(data))
        except OSError:
            return
    elif name.endswith(".gz"):
        yield from texts_of(name[:-3], gzip.decompress(data))
    elif name.endswith(".parquet"):
        yield from columns_of(data)
    else:
        text = data.decode("utf-8", "replace")
        if name.endswith((".json", ".jsonl")):
            for line in [text] if name.endswith(".json") else text.splitlines():
                yield from strings_in(json.loads(line))
        yield text.replace("\0", "")


def strings_in(value):
    """The texts of a JSON value, one after the other."""
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode().replace("\0", "")
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)


def columns_of(data):
    """The texts of a Parquet file's columns, where pyarrow is there and can read it."""
    try:
        import pyarrow.parquet
    except ImportError:
        return
    try:
        yield from strings_in(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist())
    except Exception:
        return


def collect(data, limit):
    """Every file, in pieces of at most 20,000 characters, in an order that mixes the kinds."""
    paths = sorted(
        os.path.join(root, name) for root, _, names in os.walk(data) for name in names
    )
    random.Random(1).shuffle(paths)
    left = limit
    for path in paths:
        with open(path, "rb") as file:
            for text in texts_of(path, file.read()):
                for start in range(0, len(text), 20_000):
                    if left <= 0:
                        return
                    piece = text[start : start + 20_000]
                    left -= len(piece.encode())
                    yield piece


def random_texts(limit, seed):
    """Random Unicode: all scalars, and mixtures that try the patterns' borders."""
    choose = random.Random(seed)
    corners = list("aZ éßſKИ中あ0٣Ⅷ½²'’\n\r\t \u00a0\u0085\u2028\u3000\u200b\u200d\u0301\u0323.!_-")
    corners += ["'s", "'LL", "'ſ", "'Re", " '", "\r\n", "  ", "   ", "123", "<|endoftext|>", "👩‍👩‍👧"]
    while limit > 0:
        kind = choose.randrange(3)
        parts = []
        for _ in range(choose.randrange(1, 400)):
            if kind == 0:
                parts.append(choose.choice(corners))
            else:
                top = 0x110000 if kind == 1 else choose.choice([0x300, 0x3000, 0x20000])
                value = choose.randrange(1, top)
                parts.append("" if 0xD800 <= value < 0xE000 else chr(value))
        text = "".join(parts)
        limit -= len(text.encode())
        yield text


def write_documents(texts, path):
    with open(path, "wb") as file:
        for text in texts:
            file.write(text.encode() + b"\0")


def families(texts, folder):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers, processors, trainers

    level = pre_tokenizers.ByteLevel
    split = [
        pre_tokenizers.Split(Regex(GPT4), behavior="isolated", invert=False),
        level(add_prefix_space=False, use_regex=False),
    ]
    digits = [pre_tokenizers.Digits(individual_digits=True), level(add_prefix_space=False)]
    kinds = {
        "gpt2": (level(add_prefix_space=False), False, None),
        "cl100k": (pre_tokenizers.Sequence(split), False, None),
        "llama3": (pre_tokenizers.Sequence(split), True, None),
        "gpt2-digits": (pre_tokenizers.Sequence(digits), False, None),
        "normalized": (
            level(add_prefix_space=True),
            False,
            normalizers.Sequence(
                [
                    normalizers.NFKC(),
                    normalizers.Lowercase(),
                    normalizers.Replace("``", '"'),
                    normalizers.Strip(),
                    normalizers.Prepend("_"),
                ]
            ),
        ),
    }
    for name, (cut, ignores, normalizer) in kinds.items():
        tokenizer = Tokenizer(models.BPE(ignore_merges=ignores))
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = cut
        tokenizer.decoder = decoders.ByteLevel()
        first = [] if name == "llama3" else ["<|endoftext|>"]
        trainer = trainers.BpeTrainer(
            vocab_size=6_000,
            special_tokens=first,
            initial_alphabet=level.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        if name == "llama3":
            tokenizer.add_special_tokens(
                ["<|begin_of_text|>", "<|endoftext|>", AddedToken("<|x|>", lstrip=True, rstrip=True)]
            )
            template = processors.TemplateProcessing(
                single="<|begin_of_text|> $A",
                pair="<|begin_of_text|> $A <|begin_of_text|> $B",
                special_tokens=[
                    ("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))
                ],
            )
            tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), template])
        if name == "normalized":
            tokenizer.add_tokens(
                [
                    AddedToken("The", single_word=True),
                    AddedToken("ÉtÉ", normalized=True),
                    AddedToken("  ", normalized=False),
                    AddedToken("dog", lstrip=True, normalized=False),
                ]
            )
        os.makedirs(f"{folder}/{name}", exist_ok=True)
        tokenizer.save(f"{folder}/{name}/tokenizer.json")
        if name == "gpt2":
            tokenizer.model.save(f"{folder}/{name}")


ODD_NAMES = [
    "<|a|>", "<|a|><|b|>", "<|b|>", "ab", "b", "bc", "The", "the", "É", "é", "E\u0301", " x", "x ", "  ",
    "\n", "ﬁ", "fi", "＜", "1", "12", "中", "👩‍👩‍👧", "_", "'s", "\u00a0", "ſ", "K", "Ġ", "Ġthe", "\u0345",
]


def odd_normalizer(choose):
    """A random sequence of the normalizers that are read, or none."""
    from tokenizers import normalizers

    parts = []
    for _ in range(choose.randrange(4)):
        kind = choose.randrange(8)
        if kind < 4:
            parts.append([normalizers.NFC, normalizers.NFD, normalizers.NFKC, normalizers.NFKD][kind]())
        elif kind == 4:
            parts.append(normalizers.Lowercase())
        elif kind == 5:
            parts.append(
                normalizers.Replace(
                    choose.choice(["a", " ", "é", "\u0301", "``", "aa", "1", "中", "fi"]),
                    choose.choice(["", "b", "  ", "É", "\u0323", "aa", "<|a|>", "中文"]),
                )
            )
        elif kind == 6:
            parts.append(normalizers.Prepend(choose.choice(["_", " ", "é", "a\u0301", "\u0301", "▁▁"])))
        else:
            parts.append(normalizers.Strip(left=choose.random() < 0.7, right=choose.random() < 0.7))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else normalizers.Sequence(parts)


def odd_text(choose):
    """A text of corners, names of added tokens next to each other, and any scalars."""
    corners = list("aZ éßſKИ中あ0٣Ⅷ½²'’\n\r\t \u00a0\u0085\u2028\u3000\u200b\u200d\u0301\u0323.!_-İΣς")
    corners += ["'s", "'LL", "'ſ", "'Re", " '", "\r\n", "  ", "   ", "123", "the cat", "가각", "가", "ᄀ", "\u11a8"]
    parts = []
    for _ in range(choose.randrange(1, 40)):
        kind = choose.randrange(6)
        if kind < 2:
            parts.append(choose.choice(corners))
        elif kind < 4:
            parts.append(choose.choice(ODD_NAMES + ["<|endoftext|>"]))
        elif kind == 4:
            parts.append(choose.choice(["aaaa", "abc", "bcd", " ", "xThe", "The9", "thethe"]))
        else:
            value = choose.randrange(1, choose.choice([0x300, 0x3000, 0x20000, 0x110000]))
            parts.append("" if 0xD800 <= value < 0xE000 else chr(value))
    return "".join(parts)


def odd_tokenizers(count, seed, path):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from tokenizers import processors, trainers

    # Some mixtures make tokenizers 0.23 take all the memory there is.
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    choose = random.Random(seed)
    level = pre_tokenizers.ByteLevel

    def split(expression):
        cut = pre_tokenizers.Split(Regex(expression), behavior="isolated", invert=False)
        return pre_tokenizers.Sequence([cut, level(add_prefix_space=False, use_regex=False)])

    digits = pre_tokenizers.Digits(individual_digits=True)
    cuts = [
        level(add_prefix_space=False),
        level(add_prefix_space=True),
        split(GPT4),
        split(GPT4.replace("{1,3}", "")),
        pre_tokenizers.Sequence([digits, level(add_prefix_space=False)]),
    ]
    texts = [odd_text(choose) for _ in range(400)] + ["the cat sat on the mat, the dogs ran"] * 20
    bases = []
    for cut in cuts:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = cut
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=500,
            special_tokens=["<|endoftext|>"] if len(bases) % 2 else [],
            initial_alphabet=level.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        bases.append(tokenizer.to_str())
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            data = json.loads(choose.choice(bases))
            data["model"]["ignore_merges"] = choose.random() < 0.4
            vocabulary = data["model"]["vocab"]
            names = choose.sample(ODD_NAMES, choose.randrange(7))
            if choose.random() < 0.4:
                # Names in the model behind a gap, as published files have them.
                place = len(vocabulary) + choose.randrange(8)
                for name in names[: len(names) // 2]:
                    if name not in vocabulary:
                        vocabulary[name] = place
                        place += choose.randrange(1, 5)
            tokenizer = Tokenizer.from_str(json.dumps(data))
            normalizer = odd_normalizer(choose)
            if normalizer is not None:
                tokenizer.normalizer = normalizer
            added = [
                AddedToken(
                    name,
                    single_word=choose.random() < 0.3,
                    lstrip=choose.random() < 0.3,
                    rstrip=choose.random() < 0.3,
                    normalized=choose.random() < 0.4,
                    special=choose.random() < 0.4 and "<" in name,
                )
                for name in names
            ]
            tokenizer.add_tokens(added + [AddedToken("<|endoftext|>", special=True, normalized=False)])
            end = tokenizer.token_to_id("<|endoftext|>")
            if choose.random() < 0.5:
                single = choose.choice(["<|endoftext|> $A", "$A <|endoftext|>", "<|endoftext|>:0 $A:0 <|endoftext|>:0"])
                template = processors.TemplateProcessing(
                    single=single, pair=None, special_tokens=[("<|endoftext|>", end)]
                )
                plain = processors.ByteLevel(trim_offsets=False)
                tokenizer.post_processor = choose.choice(
                    [template, processors.Sequence([plain, template]), plain]
                )
            written = tokenizer.to_str()
            tokenizer = Tokenizer.from_str(written)
            data = json.loads(written)
            if any(a["id"] != tokenizer.token_to_id(a["content"]) for a in data["added_tokens"]):
                continue
            names = tokenizer.get_vocab()
            if len(set(names.values())) < len(names):
                continue
            # Of two names that the normalizer makes one, tokenizers takes either by chance; a name
            # that it makes nothing cuts a text everywhere.
            looked = [token.content for token in added if token.normalized]
            if tokenizer.normalizer is not None:
                looked = [tokenizer.normalizer.normalize_str(name) for name in looked]
            if len(set(looked)) < len(looked) or "" in looked:
                continue
            cases = []
            for _ in range(12):
                text = odd_text(choose)
                try:
                    tokenizer.encode_special_tokens = False
                    found = tokenizer.encode(text, add_special_tokens=False)
                    around = tokenizer.encode(text)
                    tokenizer.encode_special_tokens = True
                    plain = tokenizer.encode(text, add_special_tokens=False)
                except BaseException as error:
                    # Some mixtures of stripping, replacing and neighbours make tokenizers 0.23 panic.
                    if type(error).__name__ != "PanicException":
                        raise
                    continue
                top = max(tokenizer.get_vocab().values()) + 1
                ids = found.ids + [choose.randrange(top) for _ in range(choose.randrange(30))]
                choose.shuffle(ids)
                cases.append(
                    {
                        "text": text,
                        "ids": found.ids,
                        "offsets": found.offsets,
                        "around": around.ids,
                        "asText": plain.ids,
                        "asTextOffsets": plain.offsets,
                        "mixed": ids,
                        "decoded": [tokenizer.decode(ids, skip_special_tokens=s) for s in (True, False)],
                    }
                )
            file.write(json.dumps({"tokenizer": written, "cases": cases}) + "\n")


def encode(tokenizer, texts, path, special):
    ids = array.array("I")
    for start in range(0, len(texts), 2_000):
        for found in tokenizer.encode_batch(
            texts[start : start + 2_000], add_special_tokens=special
        ):
            ids.extend(found.ids)
            ids.append(0xFFFFFFFF)
    with open(path, "wb") as file:
        ids.tofile(file)


def normalized_hashes():
    from tokenizers import normalizers

    hashes = {}
    for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase"]:
        change = getattr(normalizers, name)().normalize_str
        digest = hashlib.sha256()
        for value in range(1, 0x32400):
            if not 0xD800 <= value < 0xE000:
                digest.update(change("a" + chr(value)).encode() + b"\n")
        hashes[name] = digest.hexdigest()
    print(json.dumps(hashes))


def write_ranks(tokenizer, path):
    table = {}
    spare = 256
    for byte in range(256):
        if 0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xAC or byte >= 0xAE:
            table[chr(byte)] = byte
        else:
            table[chr(spare)] = byte
            spare += 1
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    names = [name for name, _ in vocabulary if name not in special]
    with open(path, "wb") as file:
        for rank, name in enumerate(names):
            spelled = bytes(table[sign] for sign in name)
            file.write(base64.b64encode(spelled) + b" %d\n" % rank)


def ranks_of(path):
    with open(path, "rb") as file:
        return {base64.b64decode(t): int(r) for t, r in (line.split() for line in file)}


def main():
    mode, arguments = sys.argv[1], sys.argv[2:]
    if mode == "documents":
        write_documents(collect(arguments[0], int(arguments[1])), arguments[2])
        return
    if mode == "random":
        write_documents(random_texts(int(arguments[0]), int(arguments[1])), arguments[2])
        return
    if mode == "tiktoken":
        import tiktoken

        encoding = tiktoken.Encoding(
            "peer", pat_str=arguments[1], mergeable_ranks=ranks_of(arguments[0]), special_tokens={}
        )
        ids = array.array("I")
        for text in read_documents(arguments[2]):
            ids.extend(encoding.encode_ordinary(text))
            ids.append(0xFFFFFFFF)
        with open(arguments[3], "wb") as file:
            ids.tofile(file)
        return
    if mode == "transformers":
        import transformers

        tokenizer = transformers.AutoTokenizer.from_pretrained(arguments[0])
        roles = [tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token]
        ids = array.array("I")
        for text in read_documents(arguments[1]):
            found = tokenizer(text)
            assert sorted(found) == ["attention_mask", "input_ids"], list(found)
            ids.extend(found["input_ids"])
            ids.append(0xFFFFFFFF)
        with open(arguments[2], "wb") as file:
            ids.tofile(file)
        print(transformers.__version__, type(tokenizer).__name__, *roles)
        return
    from tokenizers import Tokenizer

    if mode == "families":
        texts = read_documents(arguments[0])
        families(texts[:: max(1, len(texts) // 400)], arguments[1])
    elif mode in ("encode", "astext"):
        tokenizer = Tokenizer.from_file(arguments[0])
        tokenizer.encode_special_tokens = mode == "astext"
        encode(tokenizer, read_documents(arguments[1]), arguments[2], mode == "encode")
    elif mode == "offsets":
        tokenizer = Tokenizer.from_file(arguments[0])
        found = [tokenizer.encode(t, add_special_tokens=False) for t in read_documents(arguments[1])]
        print(json.dumps([[e.ids, e.offsets] for e in found]))
    elif mode == "decode":
        tokenizer = Tokenizer.from_file(arguments[0])
        lists = json.load(open(arguments[1]))
        print(
            json.dumps(
                [[tokenizer.decode(ids, skip_special_tokens=s) for s in (True, False)] for ids in lists]
            )
        )
    elif mode == "normalize":
        normalized_hashes()
    elif mode == "odd":
        odd_tokenizers(int(arguments[0]), int(arguments[1]), arguments[2])
    elif mode == "ranks":
        write_ranks(Tokenizer.from_file(arguments[0]), arguments[1])


main()
