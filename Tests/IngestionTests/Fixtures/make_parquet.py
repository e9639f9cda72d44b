"""Writes the Parquet files of this folder, and the values that pyarrow reads back from them.

Usage: make_parquet.py   In this folder, with pyarrow 26; the sentences are this project's own.
"""

import datetime
import decimal
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

SENTENCES = [
    "The hen sat on the gate.",
    "Rain fell, and the pond grew wide.",
    None,
    "Ünal ate three plums — all of them ripe.",
    "",
    "Who left the lantern by the well?",
    "The hen sat on the gate.",
    "We count: one, two, three, four.",
    None,
    "A boat without oars goes where the river goes.",
]
count = len(SENTENCES)
moment = datetime.datetime(1969, 7, 20, 20, 17, 40, 123456)
moments = [None if i == 3 else moment + datetime.timedelta(days=4000 * i, seconds=i) for i in range(count)]


def whole(low, high):
    return [None if i % 5 == 4 else [low, 0, 1, high][i % 4] for i in range(count)]


columns = {
    "text": pa.array(SENTENCES, pa.string()),
    "bytes": pa.array([None if s is None else s.encode()[::-1] for s in SENTENCES], pa.binary()),
    "fixed": pa.array([bytes([i, 255 - i, 7]) for i in range(count)], pa.binary(3)),
    "flag": pa.array([None if i == 2 else i % 3 == 0 for i in range(count)]),
    "int8": pa.array(whole(-(2**7), 2**7 - 1), pa.int8()),
    "int16": pa.array(whole(-(2**15), 2**15 - 1), pa.int16()),
    "int32": pa.array(whole(-(2**31), 2**31 - 1), pa.int32()),
    "int64": pa.array(whole(-(2**63), 2**63 - 1), pa.int64()),
    "uint8": pa.array(whole(0, 2**8 - 1), pa.uint8()),
    "uint16": pa.array(whole(0, 2**16 - 1), pa.uint16()),
    "uint32": pa.array(whole(0, 2**32 - 1), pa.uint32()),
    "uint64": pa.array(whole(0, 2**64 - 1), pa.uint64()),
    "float": pa.array([0.1, -0.0, None, float("inf"), float("nan")] * 2, pa.float32()),
    "double": pa.array([0.1, -0.0, None, float("-inf"), float("nan")] * 2, pa.float64()),
    "date": pa.array([None if m is None else m.date() for m in moments], pa.date32()),
    "milliseconds": pa.array(moments, pa.timestamp("us")).cast(pa.timestamp("ms", "UTC"), safe=False),
    "microseconds": pa.array(moments, pa.timestamp("us")),
    "nanoseconds": pa.array(moments, pa.timestamp("ns")),
    "words": pa.array([None if s is None else s.split() for s in SENTENCES], pa.list_(pa.string())),
    "numbers": pa.array([[None] * (i % 2) + list(range(i % 4)) for i in range(count)], pa.list_(pa.int64())),
    "inner": pa.array([None if i == 1 else {"page": i, "title": SENTENCES[i]} for i in range(count)]),
    "nothing": pa.nulls(count),
}
table = pa.table(columns)

for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(table, f"types.{codec}.parquet", compression=codec, store_schema=False)
pq.write_table(
    table,
    "types.v2.parquet",
    compression="zstd",
    data_page_version="2.0",
    row_group_size=4,
    write_page_checksum=True,
    store_schema=False,
)
delta = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "date"]
encodings = {name: "DELTA_BINARY_PACKED" for name in delta}
encodings |= {"text": "DELTA_BYTE_ARRAY", "bytes": "DELTA_LENGTH_BYTE_ARRAY"}
encodings |= {"fixed": "BYTE_STREAM_SPLIT", "float": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT"}
encodings |= {"flag": "RLE", "milliseconds": "PLAIN", "words.list.element": "DELTA_BYTE_ARRAY"}
pq.write_table(
    table,
    "types.delta.parquet",
    compression="none",
    use_dictionary=False,
    column_encoding=encodings,
    store_schema=False,
)
pq.write_table(
    table.select(["microseconds", "text"]),
    "types.int96.parquet",
    use_deprecated_int96_timestamps=True,
    use_compliant_nested_type=False,
    compression="none",
    store_schema=False,
)
two_level = table.select(["words", "numbers"])
pq.write_table(
    two_level, "lists.parquet", compression="none", use_compliant_nested_type=False, store_schema=False
)

refused = pa.table(
    {
        "plain": pa.array([1, 2]),
        "decimal": pa.array([decimal.Decimal("1.50"), None]),
        "time": pa.array([datetime.time(7, 30), None]),
        "half": pa.array([1.5, None], pa.float16()),
        "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        "lists": pa.array([[[1], [2, 3]], None]),
        "structures": pa.array([[{"a": 1}], None]),
    }
)
pq.write_table(refused, "refused.parquet", compression="none", store_schema=False)
pq.write_table(refused.select(["plain"]), "brotli.parquet", compression="brotli", store_schema=False)

rows = [
    {
        "text": f"{sentence}\r\nLine two of page {index}. ",
        "id": f"<urn:uuid:{index}>",
        "dump": ["CC-MAIN-2024-10", "CC-MAIN-2023-50"][index % 2],
        "url": f"https://example.org/{index}",
        "file_path": f"s3://example/{index}",
        "language": ["en", "en", "de"][index % 3],
        "language_score": 0.5 + index / 20,
        "token_count": 10 * index,
        "score": index / 2,
        "int_score": index // 2,
    }
    for index, sentence in enumerate(s for s in SENTENCES if s)
]
with open("fineweb.jsonl", "w", encoding="utf-8") as lines:
    for row in rows:
        lines.write(json.dumps(row, ensure_ascii=False) + "\n")
pages = pa.Table.from_pylist(rows)
pq.write_table(pages, "fineweb.parquet", compression="zstd", row_group_size=3, store_schema=False)

names = ["types.none", "types.snappy", "types.gzip", "types.zstd", "types.lz4", "types.v2"]
names += ["types.delta", "types.int96", "lists"]
paths = [name + ".parquet" for name in names]
peer = subprocess.run(
    [sys.executable, "parquet_peer.py"] + paths, check=True, capture_output=True, text=True
)
values = json.loads(peer.stdout)
assert all("columns" in values[path] for path in paths), values
# The same table in every file: its values are kept once.
base = values["types.none.parquet"]["columns"]
for path in paths:
    for name, column in values[path]["columns"].items():
        assert path.startswith("types.int96") or column == base[name], (path, name)
kept = {"types": base, "int96": values["types.int96.parquet"]["columns"]}
with open("parquet_values.json", "w", encoding="utf-8") as file:
    json.dump(kept, file, indent=1, sort_keys=True)
    file.write("\n")
