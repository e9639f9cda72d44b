"""Prints the values of Parquet files as pyarrow reads them, in a notation that compares exactly.

Usage: parquet_peer.py FILE...   One JSON object: path -> {"columns": {name: [value, ...]}} or
{"error": reason}. Structures are flattened to dotted names. A value is "-" for null, "t" or "f", a
whole number in digits, the hexadecimal bits of a double ("nan" for any NaN), "x" and the
base64 bytes of a text, a byte string, or a date or time in ISO 8601, or "[...]" for a list.
"""

import base64
import json
import math
import struct
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FRACTIONS = {"s": (1, 0), "ms": (10**3, 3), "us": (10**6, 6), "ns": (10**9, 9)}


def day(number):
    text = str(np.datetime64(int(number), "D"))
    return "+" + text if text[0] != "-" and len(text.split("-")[0]) > 4 else text


def time(count, per_second, digits, is_utc):
    days, rest = divmod(count, per_second * 86400)
    seconds, fraction = divmod(rest, per_second)
    text = f"{day(days)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + ("." + str(fraction).zfill(digits) if fraction else "") + ("Z" if is_utc else "")


def packed(content):
    return "x" + base64.b64encode(content).decode()


def notation(value, kind, is_int96):
    if value is None:
        return "-"
    if pa.types.is_list(kind):
        return "[" + ",".join(notation(item, kind.value_type, is_int96) for item in value) + "]"
    if pa.types.is_boolean(kind):
        return "t" if value else "f"
    if pa.types.is_date(kind):
        return packed(day(value).encode())
    if pa.types.is_timestamp(kind):
        per_second, digits = FRACTIONS[kind.unit]
        if is_int96:
            value, per_second, digits = value * 1000, 10**9, 9
        return packed(time(value, per_second, digits, kind.tz is not None).encode())
    if pa.types.is_integer(kind):
        return str(value) if value < 2**63 else packed(str(value).encode())
    if pa.types.is_floating(kind):
        return "nan" if math.isnan(value) else "%x" % struct.unpack(">Q", struct.pack(">d", value))[0]
    return packed(value.encode() if isinstance(value, str) else value)


def counts(column):
    """Dates and times as the counts that they are stored as."""
    if pa.types.is_date(column.type):
        return column.cast(pa.int32())
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64())
    return column


def columns(path):
    # Microseconds hold the years that Spark writes as INT96; nanoseconds do not.
    file = pq.ParquetFile(
        path, page_checksum_verification=True, coerce_int96_timestamp_unit="us"
    )
    leaves = [file.schema.column(index) for index in range(len(file.schema))]
    int96 = {leaf.path for leaf in leaves if leaf.physical_type == "INT96"}
    table = file.read()
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    result = {}
    for name, column in zip(table.column_names, table.columns):
        try:
            kind = column.type
            if isinstance(kind, pa.BaseExtensionType):
                column = column.cast(kind.storage_type)
                kind = column.type
            result[name] = [notation(value, kind, name in int96) for value in counts(column).to_pylist()]
        except Exception as error:  # a type that this notation does not know
            result[name] = ["error " + repr(error)[:80]]
    return result


found = {}
for path in sys.argv[1:]:
    try:
        found[path] = {"columns": columns(path)}
    except Exception as error:
        found[path] = {"error": repr(error)[:160]}
print(json.dumps(found, sort_keys=True))
