# SPDX-License-Identifier: Apache-2.0
"""How an inspection ends, and what it notes on its way."""

PROBLEMS_MAX = 200
PROBLEM_CHARACTERS_MAX = 300


class Refused(Exception):
    """The image cannot be inspected, and that is its own fault."""


class Unavailable(Exception):
    """Something of ours is missing: a module, the appliance, clamd."""


class OutOfTime(BaseException):
    """The time for collecting is over. Nothing but the end of it all catches this."""


class Problems:
    """What could not be read: one line each, without repetition, of bounded number."""

    def __init__(self):
        self._lines = {}
        self.is_overfull = False

    def add(self, line):
        line = one_line(line)
        if len(self._lines) < PROBLEMS_MAX:
            self._lines[line] = None
        elif line not in self._lines:
            self.is_overfull = True

    def failed(self, what, error):
        """Notes an error of a module; its own text may be anything."""
        self.add(f"{what}: {type(error).__name__}: {error}")

    def lines(self):
        return list(self._lines) + (["more problems than are listed"] if self.is_overfull else [])


def one_line(value):
    line = "".join(c if c.isprintable() else " " for c in text(str(value)))
    return " ".join(line.split())[:PROBLEM_CHARACTERS_MAX]


def text(name):
    """A file's name as text that is valid anywhere: bytes that are no UTF-8 become `\\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
