# SPDX-License-Identifier: Apache-2.0
"""What is reported of the guest's files: what was asked for, and what is dangerous anywhere."""
import base64
import functools
import posixpath
import re

from results import Unavailable, text

PATTERNS_MAX = 1000
EXPANSIONS_MAX = 100_000
LINKS_MAX = 16
PATH_CHARACTERS_MAX = 4096
SETUID_OR_SETGID = 0o6000
STICKY = 0o1000
WRITABLE_BY_ALL = 0o002


class Budget:
    """Counts what an inspection has looked at and gathered."""

    def __init__(self, visits_max, entries_max, content_bytes_max):
        self._visits_left = visits_max
        self._entries_left = entries_max
        self._content_left = content_bytes_max
        self.is_exhausted = False

    def visit(self):
        self._visits_left -= 1
        if self._visits_left < 0:
            self.is_exhausted = True
            raise Exhausted()

    def take_entry(self):
        return self._take("_entries_left", 1)

    def take_content(self, count):
        return self._take("_content_left", count)

    def _take(self, name, count):
        left = getattr(self, name)
        if left < count:
            self.is_exhausted = True
            return False
        setattr(self, name, left - count)
        return True


class Exhausted(BaseException):
    """A bound of the whole inspection was met."""


class Entries:
    """Entries by path; asked for twice, an entry keeps the longer content."""

    def __init__(self, problems, budget):
        self._problems = problems
        self._budget = budget
        self._found = {}

    def add(self, place, content_max=0, path=None):
        path = text(path or place.path or "/")
        try:
            entry = self._found.get(path) or self._new(place, path)
            if entry is None:
                return
            if content_max and entry["kind"] == "file" and _lacks(entry, content_max):
                self._read(place, entry, content_max)
        except Exception as error:
            self._problems.failed(path, error)

    def _new(self, place, path):
        stat = place.stat
        if not self._budget.take_entry():
            return None
        entry = {
            "path": path, "kind": stat.kind, "mode": stat.mode, "uid": stat.uid, "gid": stat.gid,
            "size": stat.size, "modified": stat.modified,
        }
        self._found[path] = entry
        if stat.kind == "link":
            entry["target"] = text(place.link())
        return entry

    def _read(self, place, entry, content_max):
        count = min(content_max, entry["size"])
        if not self._budget.take_content(count):
            return
        content = place.read(count)[:count]
        if len(content) < count:
            self._problems.add(f"{place.path} is cut off")
        entry["content"] = base64.b64encode(content).decode()
        entry["isTruncated"] = len(content) < entry["size"]

    def setuid_files(self):
        return [
            entry for entry in self._found.values()
            if entry["kind"] == "file" and entry["mode"] & SETUID_OR_SETGID
        ]

    def sorted(self):
        return sorted(self._found.values(), key=lambda entry: entry["path"].encode())


def _lacks(entry, content_max):
    return "content" not in entry or (
        entry["isTruncated"] and len(entry["content"]) // 4 * 3 < content_max)


def collect_asked(guest, patterns, entries, problems, budget):
    """Follows each pattern without `**` as a shell would, through links in the guest, too."""
    for pattern in patterns:
        if "**" in pattern["glob"].split("/"):
            continue
        expansion = _Expansion(guest, problems)
        for asked, trail in expansion.places(pattern["glob"]):
            try:
                _add_asked(guest, entries, asked, trail, pattern["contentBytesMax"])
            except Exception as error:
                problems.failed(asked, error)
        if expansion.is_cut:
            problems.add(f"{pattern['glob']} has too many matches")
            budget.is_exhausted = True


def _add_asked(guest, entries, asked, trail, content_max):
    path = asked
    for _ in range(LINKS_MAX):
        place = trail[-1]
        entries.add(place, content_max)
        if place.path != path:
            entries.add(place, content_max, path=path)
        if place.stat.kind != "link":
            return
        target = place.link()
        inner = guest.trail(target, trail[:-1], follow=False)
        if inner is None or len(inner) < 2:
            return
        # Where it leads as it is written, for who follows it among the entries.
        written = posixpath.normpath(posixpath.join(posixpath.dirname(place.path), target))
        again = guest.trail(written, [guest.root], follow=False)
        is_there = again is not None and again[-1].path == inner[-1].path
        path = written if is_there else inner[-1].path
        trail = inner


class _Expansion:
    def __init__(self, guest, problems):
        self._guest = guest
        self._problems = problems
        self._left = EXPANSIONS_MAX
        self.is_cut = False

    def places(self, glob):
        names = [name for name in glob.split("/") if name]
        yield from self._below([self._guest.root], "", names)

    def _below(self, trail, asked, names):
        if not names:
            yield asked or "/", trail
            return
        test = _component(names[0])
        for name, child in self._named(trail[-1], names[0]):
            if test is not None and not test(name):
                continue
            self._left -= 1
            if self._left < 0:
                self.is_cut = True
                return
            path = f"{asked}/{name}"
            if len(names) == 1:
                yield path, trail + [child]
                continue
            # Folders may be links.
            inner = self._guest.trail(name, trail)
            if inner and self._is_folder(inner[-1]):
                yield from self._below(inner, path, names[1:])

    def _is_folder(self, place):
        try:
            return place.stat.kind == "directory"
        except Exception as error:
            self._problems.failed(place.path, error)
            return False

    def _named(self, place, name):
        children = self._guest.children(place)
        if "*" in name:
            return children.items()
        return [(name, children[name])] if name in children else []


@functools.lru_cache(PATTERNS_MAX)
def _component(name):
    """A test for one component with `*` in it; None for a plain name."""
    if "*" not in name:
        return None
    return re.compile(_escaped(name), re.DOTALL).fullmatch


def _escaped(name):
    return "[^/]*".join(re.escape(part) for part in re.split(r"\*+", name))


def _expression(glob):
    """A regular expression for a glob with `**`: any number of components, also none."""
    parts = []
    for name in glob.split("/"):
        if name == "**":
            parts.append("(?:/[^/]+)*")
        elif name:
            parts.append("/" + _escaped(name))
    return "".join(parts)


class Walk:
    """Goes through all that is mounted, once, without following links."""

    def __init__(self, guest, entries, problems, budget, patterns, depth_max):
        self._guest = guest
        self._entries = entries
        self._problems = problems
        self._budget = budget
        self._depth_max = depth_max
        self._patterns = [
            (re.compile(_expression(p["glob"]), re.DOTALL), p["contentBytesMax"])
            for p in patterns if "**" in p["glob"].split("/")
        ]
        self._seen = set()

    def run(self, each_file):
        """Calls `each_file` with the place of every regular file, once for all its names."""
        root = self._guest.root
        self._note(root, root.stat)
        stack = [(root, 0)]
        while stack:
            folder, depth = stack.pop()
            found = []
            for child in self._guest.children(folder).values():
                try:
                    stat = child.stat
                    self._note(child, stat)
                    if stat.kind == "directory":
                        found.append((child, depth + 1))
                    elif stat.kind == "file" and self._is_new(child):
                        each_file(child)
                except Unavailable:
                    raise
                except Exception as error:
                    self._problems.failed(child.path, error)
            for child, below in reversed(found):
                self._enter(child, below, stack)

    def _enter(self, folder, depth, stack):
        if depth > self._depth_max or len(folder.path) > PATH_CHARACTERS_MAX:
            self._problems.add(f"{folder.path} is too deep")
            self._budget.is_exhausted = True
        elif self._is_new(folder):
            stack.append((folder, depth))
        else:
            self._problems.add(f"{folder.path} is a folder with another path, too")

    def _is_new(self, place):
        key = (id(place.file_system), place.stat.key)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _note(self, place, stat):
        content_max = max(
            (count for test, count in self._patterns if test.fullmatch(place.path)), default=None)
        if content_max is not None:
            self._entries.add(place, content_max)
        elif _is_dangerous(stat):
            self._entries.add(place)


def _is_dangerous(stat):
    if stat.kind == "link":
        return False
    if stat.kind == "file" and stat.mode & SETUID_OR_SETGID:
        return True
    # On anything but a folder, the sticky bit protects nothing.
    is_protected = stat.kind == "directory" and stat.mode & STICKY
    return bool(stat.mode & WRITABLE_BY_ALL) and not is_protected
