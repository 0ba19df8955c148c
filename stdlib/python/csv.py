"""std.csv in Python: what its components in C do, for where their library is not.

The functions take and give what the components in std/csv.kfp do, and the tests of the one
form are those of the other.  Rows are read one by one; of join's right file, where each row
is and its key stay in memory.
"""
import json
import math
import re

ROW_CHARACTERS = 16 << 20
FIELDS = 1 << 17
NUMBER = re.compile(r"[ \t]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
                    r"|[-+]?inf(?:inity)?)[ \t]*", re.I | re.A)
JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.A)
MISSING = re.compile(r" *(?:nan)?", re.I)
COMPARE = {
    "less": lambda x, y: x < y,
    "at_most": lambda x, y: x <= y,
    "more": lambda x, y: x > y,
    "at_least": lambda x, y: x >= y,
}


class Reader:
    """The rows of a file, as csv_read.c reads them."""

    def __init__(self, what, path, header, delimiter):
        if len(delimiter.encode()) != 1 or delimiter in '"\r\n\0':
            raise ValueError("the delimiter is one character of ASCII, not "
                             f"'{delimiter[:20]}'")
        self.what, self.header, self.delimiter = what, header, delimiter
        self.plain = re.compile(f'[^"\r\n{re.escape(delimiter)}]*')
        self.file = open(path, encoding="utf-8", errors="surrogateescape", newline="")
        self.width, self.names = 0, []
        self.begin()
        first = next(self, None)
        if header and first is None:
            raise ValueError(f"{what}: the file is empty: it has no header")
        if header:
            self.names = first
            seen = set()
            for name in first:
                if name in seen:
                    raise ValueError(f"{what}: the header has '{name[:80]}' twice")
                seen.add(name)
        else:
            self.names = [f"column_{i + 1}" for i in range(self.width)]
            self.begin()

    def begin(self):
        """At the first row again."""
        self.file.seek(0)
        self.line = self.row_line = 1
        self.row = -1 if self.header else 0
        self.is_first = True
        if self.width and self.header:
            next(self)

    def fail(self, text):
        where = f"row {self.row}" if self.row else "the header"
        raise ValueError(f"{self.what}: {where} (line {self.row_line}): {text}")

    def read_line(self):
        text = self.file.readline()
        if self.is_first:
            self.is_first = False
            text = text[1:] if text.startswith("\ufeff") else text
        return text

    def quoted(self, text, at):
        """(field, text of the line where it ends, place after it)"""
        parts, size, opened = [], 0, self.line
        while True:
            end = text.find('"', at)
            if end >= 0:
                parts.append(text[at:end])
                if text[end + 1:end + 2] != '"':
                    return "".join(parts), text, end + 1
                parts.append('"')
                at = end + 2
                continue
            parts.append(text[at:])
            size += len(parts[-1])
            self.line += text.endswith("\n")
            if size > ROW_CHARACTERS:
                self.too_long()
            text, at = self.read_line(), 0
            if not text:
                self.fail(f"the quote on line {opened} is not closed")

    def too_long(self):
        self.fail(f"it is longer than {ROW_CHARACTERS >> 20} MiB: is a quote not closed?")

    def parse(self, text):
        fields, at = [], 0
        while True:
            is_quoted = text[at:at + 1] == '"'
            if is_quoted:
                field, text, at = self.quoted(text, at + 1)
            else:
                m = self.plain.match(text, at)
                field, at = m.group(), m.end()
            after = text[at:at + 1]
            if after == '"':
                self.fail(f"a quote in field {len(fields) + 1}, which does not begin with one: "
                          "such a field stands in quotes as a whole, and its own are doubled")
            if after not in ("", "\r", "\n", self.delimiter):
                self.fail(f"after the closing quote of field {len(fields) + 1} stands something "
                          "else than the delimiter or the end of the line")
            if len(fields) == FIELDS:
                self.fail(f"it has more than {FIELDS} fields")
            fields.append(field)
            at += 1
            if after != self.delimiter:
                self.line += bool(after)
                return fields

    def __iter__(self):
        return self

    def __next__(self):
        self.row += 1
        while True:
            self.row_line = self.line
            text = self.read_line()
            if not text:
                self.row -= 1
                raise StopIteration
            if text in ("\n", "\r", "\r\n"):
                self.line += 1
                continue
            if len(text) > ROW_CHARACTERS:
                self.too_long()
            fields = self.parse(text)
            break
        if self.width and len(fields) != self.width:
            self.fail(f"it has {len(fields)} field{'s' * (len(fields) != 1)}, and the "
                      f"{'header' if self.header else 'first row'} has {self.width}")
        self.width = len(fields)
        return fields

    def column(self, name):
        if name in self.names:
            return self.names.index(name)
        there = ", ".join(f"'{n[:80]}'" for n in self.names)[:380]
        raise ValueError(f"{self.what}: there is no column '{name[:80]}'; there are {there}")


class Writer:
    def __init__(self, path, delimiter):
        self.file = open(path, "w", encoding="utf-8", errors="surrogateescape", newline="")
        self.delimiter = delimiter
        self.special = re.compile(f'["\r\n{re.escape(delimiter)}]')

    def put(self, fields):
        quoted = ['"' + f.replace('"', '""') + '"' if self.special.search(f) else f
                  for f in fields]
        line = self.delimiter.join(quoted)
        self.file.write((line if fields != [""] else '""') + "\n")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()


def number(text):
    """As a float, or None."""
    m = NUMBER.fullmatch(text)
    return float(m.group(1)) if m else None


class Column:
    def __init__(self):
        self.missing = self.numbers = self.words = 0
        self.ints = []                  # least and greatest
        self.nints = 0
        self.least = self.greatest = self.mean = self.squares = 0.0
        self.lengths = []

    def add(self, text):
        if MISSING.fullmatch(text):
            self.missing += 1
            return
        n = len(text)
        self.lengths = [min(self.lengths + [n]), max(self.lengths + [n])]
        x = number(text)
        if x is None:
            self.words += 1
            return
        if re.fullmatch(r"[-+]?\d{1,18}", text.strip(" \t"), re.A):
            i = int(text)
            self.ints = [min(self.ints + [i]), max(self.ints + [i])]
            self.nints += 1
        self.least = x if not self.numbers or x < self.least else self.least
        self.greatest = x if not self.numbers or x > self.greatest else self.greatest
        self.numbers += 1
        d = x - self.mean
        self.mean += d / self.numbers
        self.squares += d * (x - self.mean)

    def summary(self, name):
        out = {"name": name, "type": "empty", "missing": self.missing}
        if self.words:
            return dict(out, type="str", shortest=self.lengths[0], longest=self.lengths[1])
        if not self.numbers:
            return out
        all_int = self.nints == self.numbers
        least, greatest = self.ints if all_int else (self.least, self.greatest)
        std = math.sqrt(self.squares / (self.numbers - 1)) if self.numbers > 1 else None
        values = {"min": least, "max": greatest, "mean": self.mean, "std": std}
        return dict(out, type="int" if all_int else "float",
                    **{k: wire(v) for k, v in values.items()})


def wire(x):
    """Floats that JSON has no word for are strings."""
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
    return x


def check_utf8(reader):
    for i, name in enumerate(reader.names):
        if not is_utf8(name):
            raise ValueError(f"data: the name of column {i + 1} is not UTF-8")


def is_utf8(text):
    return not any("\ud800" <= k <= "\udfff" for k in text)


def describe(data: str, header, delimiter):
    reader = Reader("data", data, header, delimiter)
    columns = [Column() for _ in reader.names]
    for row in reader:
        for column, field in zip(columns, row):
            column.add(field)
    check_utf8(reader)
    return {"rows": reader.row, "columns": reader.width,
            "summary": [c.summary(n) for c, n in zip(columns, reader.names)]}


def draws(seed):
    """Floats in [0, 1) by SplitMix64, the same in every language."""
    mask = (1 << 64) - 1
    while True:
        seed = (seed + 0x9e3779b97f4a7c15) & mask
        z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9 & mask
        z = (z ^ z >> 27) * 0x94d049bb133111eb & mask
        yield ((z ^ z >> 31) >> 11) * 2.0 ** -53


def split(data: str, fraction, seed, header, delimiter, first: str, rest: str):
    reader = Reader("data", data, header, delimiter)
    left = total = sum(1 for _ in reader)
    wanted = first_rows = int(total * fraction + 0.5)
    reader.begin()
    with Writer(first, delimiter) as a, Writer(rest, delimiter) as b:
        if header:
            a.put(reader.names)
            b.put(reader.names)
        for row, draw in zip(reader, draws(seed)):
            is_first = draw * left < wanted
            left, wanted = left - 1, wanted - is_first
            (a if is_first else b).put(row)
    return {"first_rows": first_rows, "rest_rows": total - first_rows}


def select(data: str, columns, header, delimiter, selected: str):
    reader = Reader("data", data, header, delimiter)
    if not columns:
        raise ValueError("'columns' names no column")
    at = [reader.column(name) for name in columns]
    for i, name in enumerate(columns):
        if name in columns[:i]:
            raise ValueError(f"'columns' names '{name[:60]}' twice")
    with Writer(selected, delimiter) as out:
        if header:
            out.put([reader.names[i] for i in at])
        for row in reader:
            out.put([row[i] for i in at])


def filter(data: str, column, value, compare, header, delimiter, filtered: str):
    reader = Reader("data", data, header, delimiter)
    wanted, order, n = number(value), COMPARE.get(compare), 0
    if order and wanted is None:
        raise ValueError(f"'{compare}' compares numbers, and '{value[:60]}' is none")
    at = reader.column(column)

    def stays(field):
        x = number(field)
        if not order:
            both = wanted is not None and x is not None
            return (x == wanted if both else field == value) == (compare == "equal")
        if field and x is None:
            reader.fail(f"'{field[:60]}' of column '{column[:60]}' is no number")
        return bool(field) and order(x, wanted)

    with Writer(filtered, delimiter) as out:
        if header:
            out.put(reader.names)
        for row in reader:
            if stays(row[at]):
                out.put(row)
                n += 1
    return {"rows": n}


def joined_names(left, right, key, suffix):
    names = [n + suffix if n in left.names and i != key else n
             for i, n in enumerate(right.names)]
    del names[key]
    seen = set(left.names)
    for name in names:
        if name in seen:
            raise ValueError(f"both files have a column '{name[:60]}': give another 'suffix', "
                             "or select columns first")
        seen.add(name)
    return names


def join(left: str, right: str, on, kind, suffix, delimiter, joined: str):
    a = Reader("left", left, True, delimiter)
    b = Reader("right", right, True, delimiter)
    key, other = a.column(on), b.column(on)
    names = joined_names(a, b, other, suffix)
    places, n = {}, 0
    while True:
        at = b.file.tell()
        row = next(b, None)
        if row is None:
            break
        places.setdefault(row[other], []).append(at)
    nothing = [[""] * len(names)] if kind == "left" else []

    def rows_at(found):
        for at in found:
            b.file.seek(at)
            row = next(b)
            del row[other]
            yield row

    with Writer(joined, delimiter) as out:
        out.put(a.names + names)
        for row in a:
            found = places.get(row[key])
            for more in rows_at(found) if found else nothing:
                out.put(row + more)
                n += 1
    return {"rows": n}


def to_jsonl(data: str, typed, header, delimiter, lines: str):
    reader = Reader("data", data, header, delimiter)
    check_utf8(reader)
    names = [json.dumps(n, ensure_ascii=False) + ": " for n in reader.names]

    def text(field):
        if typed and not field:
            return "null"
        if typed and JSON_NUMBER.fullmatch(field):
            return field
        return json.dumps(field, ensure_ascii=False)

    with open(lines, "w", encoding="utf-8", newline="") as out:
        for row in reader:
            if not is_utf8("".join(row)):
                reader.fail("it is not UTF-8")
            if header:
                out.write("{" + ", ".join(n + text(f) for n, f in zip(names, row)) + "}\n")
            else:
                out.write("[" + ", ".join(map(text, row)) + "]\n")
    return {"rows": reader.row}
