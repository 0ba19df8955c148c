"""kfpc repl: what Tab offers, in windows of several sizes."""
import pathlib

import repl
import term

pathlib.Path("data").mkdir()
pathlib.Path("data/iris 붓꽃.csv").write_text("a\n1\n", "utf-8")
pathlib.Path("demo.kfp").write_text('''
## How large.
enum Size: small, medium, large

## Says it.
component say(
    ## Whom to.
    name: str,
    size: Size = Size.small,
) -> (text: str, length: int):
    shell:
        printf %s "$name" > "$text_path"
        printf 1 > "$length_path"

component sing(song: str):
    shell:
        echo "$song"
''', "utf-8")


def offered(t, title, typed):
    t.clear()
    t.type(typed)
    t.keys("Tab")
    t.screen(title, cursor=True)


with repl.Session(80, 24) as t:
    t.type(":load demo.kfp\n")
    t.wait("demo.kfp\n")
    offered(t, "names", "s")
    offered(t, "one name", "say")
    offered(t, "arguments", "say(n")
    offered(t, "values of an enum", "say(size=S")
    offered(t, "a value of an enum", "say(size=Size.me")
    offered(t, "settings", 'say(name="a") with re')
    offered(t, "a keyword of a declaration", "compo")
    offered(t, "no matter which case", "SAY")
    offered(t, "nothing", "zzz")
    t.clear()
    t.type('a = say(name="x")\n')
    t.wait("length")
    offered(t, "outputs", "a.")
    offered(t, "names that the block has bound", "for title in ['x']:\nb = say(name=ti")
    t.keys("C-c")
    offered(t, "commands", ":e")
    offered(t, "a command's argument", ":export k")
    offered(t, "a name for a command", ":doc si")
    offered(t, "an expression for a command", ":type a.le")
    offered(t, "a path", ":load de")
    offered(t, "a path in quotes", 'x = load("data/i')
    offered(t, "everything", "1 + ")
    t.type("s")
    t.screen("it goes with the next key", cursor=True)
    t.keys("C-u")
    t.type("if True:\n")
    t.keys("BSpace", "Tab", "Tab")
    t.screen("in the indentation Tab indents", cursor=True)
    t.keys("C-c")

with repl.Session(200, 50) as t:
    offered(t, "everything in a large window", "1 + ")

with repl.Session(30, 6) as t:
    offered(t, "everything in a small window", "1 + ")

term.finish()
