"""Functions that components of function_file.kfp are."""
from pathlib import Path
from typing import NamedTuple


class Counts(NamedTuple):
    words: int
    ratio: float


def count(text: Path, rounds: int, copy: Path, verbose: bool = False) -> Counts:
    words = text.read_text().split()
    copy.write_text(" ".join(words[:rounds]))
    return Counts(len(words), rounds / len(words))


def write(words, out_path):
    with open(out_path, "w") as file:
        file.write(" ".join(words))
