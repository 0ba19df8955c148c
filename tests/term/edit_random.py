"""kfpc repl: whatever keys come, what was drawn bit by bit is what is drawn anew.

KFPC_RANDOM=SEED,COUNT makes other, or more, of them."""
import os
import random

import repl
import term

KEYS = ("Up", "Down", "Left", "Right", "Home", "End", "BSpace", "DC", "C-k", "C-y", "C-w", "C-t",
        "M-b", "M-f", "M-d", "M-u", "C-a", "C-e", "C-n", "C-p", "Tab", "Enter", "C-r", "C-g")
TEXTS = ("x = (", "한글", "🎉", "e\u0301", "가나다라마바사", ")", '"""', "a b ", "\u200b", "def f(a: int):",
         "1234567890" * 4, "日本語 " * 7)
PASTES = ("a\n\n\tb\n", "한글\n" * 3, "x" * 100, "y = [\n\t1,\n\n    2]\n")
seed, count = map(int, os.environ.get("KFPC_RANDOM", "5,24").split(","))
chance = random.Random(seed)


def step(t):
    """Something that a person might do; what it was."""
    what = chance.random()
    if what < 0.45:
        text = chance.choice(TEXTS)
        t.type(text)
        return text
    if what < 0.55:
        text = chance.choice(PASTES)
        t.paste(text)
        return "pasted " + text
    keys = chance.choices(KEYS, k=chance.randint(1, 6))
    t.keys(*keys)
    return " ".join(keys)


def still(t):
    """The screen, once it does not change any more, and the cursor."""
    return term.when_still(lambda: (t.rows(), t.cursor()), 0.1)


def drawn_anew(t):
    """The same without what was there before."""
    t.keys("C-l")
    return still(t)


for columns, rows in ((80, 24), (21, 5)):
    with repl.Session(columns, rows) as t:
        t.clear()
        done = []
        for _ in range(count // 2):
            done += [step(t) for _ in range(chance.randint(1, 4))]
            t.keys("C-g")       # ends a search, and takes a list away
            before, cursor = still(t)
            after, (row, column) = drawn_anew(t)
            shown = [*before, *[""] * rows][:rows][cursor[0] - row:][:len(after)]
            assert [r.rstrip() for r in after] == shown and column == cursor[1], (
                f"seed {seed}, after {done}:\n{term.shown_rows(before)}\n{cursor}\n"
                f"drawn anew:\n{term.shown_rows(after)}\n{(row, column)}")
            assert t.process(), (seed, done)

term.finish()
