"""Says which of the wanted packages this interpreter lacks, and what it has.

Arguments: requirements, as packages = [...] has them; the last one is the text of a
requirements file.  Prints "lacks WHAT" and "has NAME==VERSION" lines.
"""
import re
import sys
from importlib import metadata


def wanted(args):
    for line in args[:-1] + args[-1].splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if line and not line.startswith("-"):
            yield line


def requirement_class():
    """The real parser where there is one (pip carries it along)."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        try:
            from pip._vendor.packaging.requirements import Requirement
        except ImportError:
            return None
    return Requirement


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def lack(text, parser, have):
    """Why the requirement does not hold; None if it does."""
    if parser is not None:
        try:
            r = parser(text)
        except Exception:
            return text
        if r.marker is not None and not r.marker.evaluate():
            return None
        version = have.get(normal(r.name))
        fits = version is not None and r.specifier.contains(version, prereleases=True)
    else:
        m = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(?:==\s*([^\s;,]+))?", text)
        if not m:
            return text
        version = have.get(normal(m.group(1)))
        fits = version is not None and m.group(2) in (None, version)
    if fits:
        return None
    return text + (" (it has %s)" % version if version else "")


def main(args):
    have, lines = {}, []
    for d in metadata.distributions():
        name = d.metadata["Name"]
        if name and normal(name) not in have:
            have[normal(name)] = d.version
            lines.append("has %s==%s" % (name, d.version))
    parser = requirement_class()
    for text in wanted(args):
        missing = lack(text, parser, have)
        if missing:
            lines.append("lacks " + missing)
    print("\n".join(lines))


main(sys.argv[1:])
