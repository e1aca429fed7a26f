# SPDX-License-Identifier: Apache-2.0
"""The guest's tree of files: which volume is its root, what fstab mounts where, and where links
lead. Nothing here ever touches a file of the host."""
import functools
import re
import uuid

LINKS_MAX = 40
DEPTH_MAX = 256
PATH_CHARACTERS_MAX = 4096
LISTINGS_KEPT = 64
FSTAB_BYTES_MAX = 256 << 10
MOUNTS_MAX = 100
LINUX = ("ext2", "ext3", "ext4", "xfs", "btrfs", "squashfs", "erofs", "f2fs", "bcachefs")


class Place:
    """A node and where it is. `path` has no links, no `.` and no `..` in it; `/` is empty."""

    __slots__ = ("file_system", "node", "path", "_stat")

    def __init__(self, file_system, node, path):
        self.file_system = file_system
        self.node = node
        self.path = path
        self._stat = None

    @property
    def stat(self):
        if self._stat is None:
            self._stat = self.file_system.stat(self.node)
        return self._stat

    def read(self, count, offset=0):
        return self.file_system.read(self.node, offset, count)

    def link(self):
        return self.file_system.link(self.node)


class Guest:
    def __init__(self, root, problems, budget):
        self._root = Place(root, root.root(), "")
        self._problems = problems
        self._budget = budget
        self._mounts = {}
        self.children = functools.lru_cache(LISTINGS_KEPT)(self._children)

    @property
    def root(self):
        return self._root

    def mount(self, path, file_system):
        """Shows a file system at a directory; false when there is no such directory."""
        place = self.find(path)
        if place is None or place.path == "" or place.stat.kind != "directory":
            return False
        self._mounts[place.path] = Place(file_system, file_system.root(), place.path)
        self.children.cache_clear()
        return True

    def _children(self, place):
        """Places by name. Names that no kernel would show are left out, and noted."""
        found = {}
        try:
            for name, reference in place.file_system.children(place.node):
                if name in (".", ".."):
                    continue
                if not name or "/" in name or "\0" in name:
                    self._problems.add(f"{place.path}/ has a name with / or NUL, or an empty one")
                    continue
                if name in found:
                    self._problems.add(f"{place.path}/{name} is there twice")
                    continue
                self._budget.visit()
                found[name] = reference
        except Exception as error:
            self._problems.failed(f"{place.path}/", error)
        return {name: self._child(place, name, found[name]) for name in sorted(found)}

    def _child(self, place, name, reference):
        path = f"{place.path}/{name}"
        mounted = self._mounts.get(path)
        return mounted or _Lazy(place.file_system, reference, path)

    def find(self, path):
        """The place of a path in the guest, links followed as the guest would; None when it leads
        nowhere."""
        found = self.trail(path, [self._root])
        return found[-1] if found else None

    def trail(self, path, trail, follow=True):
        """The places from the root to that of a path, which begins at the end of `trail` when it
        is relative; None when it leads nowhere. Without `follow`, the path itself may be a
        link."""
        return self._trail(path, trail, follow, [LINKS_MAX])

    def _trail(self, path, trail, follow, links_left):
        trail = [self._root] if path.startswith("/") else list(trail)
        names = [name for name in path.split("/") if name not in ("", ".")]
        if len(path) > PATH_CHARACTERS_MAX:
            return None
        for index, name in enumerate(names):
            if name == "..":
                trail = trail[:-1] if len(trail) > 1 else trail
                continue
            if self._kind(trail[-1]) != "directory" or len(trail) > DEPTH_MAX:
                return None
            child = self.children(trail[-1]).get(name)
            if child is None:
                return None
            is_last = index == len(names) - 1
            if self._kind(child) == "link" and (follow or not is_last):
                links_left[0] -= 1
                if links_left[0] < 0:
                    return None
                trail = self._trail(self._target(child), trail, True, links_left)
                if trail is None:
                    return None
            else:
                trail = trail + [child]
        return trail

    def _kind(self, place):
        try:
            return place.stat.kind
        except Exception as error:
            self._problems.failed(place.path, error)
            return None

    def _target(self, place):
        try:
            return place.link()
        except Exception as error:
            self._problems.failed(place.path, error)
            return "/\0"

    def read(self, path, bytes_max):
        """A whole file by its path; None when there is none, or when it is larger."""
        place = self.find(path)
        if place is None or self._kind(place) != "file":
            return None
        if place.stat.size > bytes_max:
            self._problems.add(f"{place.path} is larger than {bytes_max} bytes")
            return None
        try:
            return place.read(bytes_max)
        except Exception as error:
            self._problems.failed(place.path, error)
            return None


class _Lazy(Place):
    """A place whose node is looked up when it is asked for."""

    __slots__ = ("_reference", "_node")

    def __init__(self, file_system, reference, path):
        self.file_system = file_system
        self.path = path
        self._reference = reference
        self._node = None
        self._stat = None

    @property
    def node(self):
        if self._node is None:
            self._node = self.file_system.resolved(self._reference)
        return self._node


def open_guest(reader, volumes, problems, budget):
    """The guest with everything mounted, and its root's volume; None when no volume has one."""
    found = None
    for volume in volumes:
        rank, guest = _best_root(reader, volume, problems, budget)
        if rank and found and min(rank, found[0]) == 2:
            problems.add(f"{volume.name} holds the root of another guest")
        if rank and (found is None or rank > found[0]):
            found = (rank, guest, volume)
    if found is None:
        return None, None
    _, guest, root = found
    root.mount_point = "/"
    _mount_all(reader, guest, volumes, problems)
    for volume in volumes:
        if volume.content in LINUX and volume.mount_point is None:
            # Something other than fstab may mount it.
            problems.add(
                f"{volume.name} holds {volume.content}, but fstab does not mount it; it was not"
                " looked through")
    return guest, root


def _best_root(reader, volume, problems, budget):
    """The volume's file system, or the first of its subvolumes that looks like a root."""
    best = (0, None)
    try:
        file_system = reader.file_system(volume)
        names = [None] + (file_system.subvolumes() if file_system else [])
        for name in names if file_system else []:
            if name is not None:
                file_system = reader.file_system(volume, name)
            guest = Guest(file_system, problems, budget)
            rank = _rank(guest)
            if rank == best[0] == 2 and guest.root.stat.key != best[1].root.stat.key:
                problems.add(f"{volume.name} holds the root of another guest in {name}")
            if rank > best[0]:
                best = (rank, guest)
    except Exception as error:
        problems.failed(volume.name, error)
    return best


def _rank(guest):
    """2 for what bears a release's name, 1 for what looks like a root, 0 for the rest."""
    etc = guest.find("/etc")
    if etc is None or etc.stat.kind != "directory":
        return 0
    names = ("/etc/os-release", "/usr/lib/os-release", "/etc/redhat-release")
    if any(guest.find(name) for name in names):
        return 2
    return 1 if guest.find("/usr") or guest.find("/bin") else 0


def _mount_all(reader, guest, volumes, problems):
    lines = (guest.read("/etc/fstab", FSTAB_BYTES_MAX) or b"").decode("utf-8", "surrogateescape")
    mounts = []
    for line in lines.splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[0].startswith("#") or fields[2] == "swap":
            continue
        path, options = _unescaped(fields[1]), fields[3].split(",") if len(fields) > 3 else []
        if path.startswith("/") and path.strip("/") and "bind" not in options:
            mounts.append((path.rstrip("/"), _unescaped(fields[0]), options))
    if len(mounts) > MOUNTS_MAX:
        problems.add("fstab has more lines than are read")
    for path, source, options in sorted(mounts[:MOUNTS_MAX], key=lambda m: m[0].count("/")):
        volume = _volume(source, volumes)
        if volume is None:
            continue
        try:
            file_system = reader.file_system(volume, _subvolume(options))
            if file_system is None:
                problems.add(f"{volume.name} for {path}: no reader for {volume.content}")
            elif guest.mount(path, file_system):
                volume.mount_point = volume.mount_point or path
        except Exception as error:
            problems.failed(f"{volume.name} for {path}", error)


def _unescaped(field):
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8) & 0xFF), field).strip('"')


def _subvolume(options):
    for option in options:
        name, _, value = option.partition("=")
        if name == "subvol" and value.strip("/"):
            return value.strip("/")
        if name == "subvolid" and value.isdecimal() and len(value) < 20:
            return int(value)
    return None


def _volume(source, volumes):
    """What a first field of fstab means on this disk."""
    tag, _, value = source.partition("=")
    if not value:
        match = re.fullmatch(r"/dev/disk/by-(uuid|label|partuuid|partlabel)/(.+)", source)
        tag, value = (match[1].upper(), match[2]) if match else (None, None)
    if tag:
        value = value.strip('"')
        return next((v for v in volumes if _matches(v, tag, value)), None)
    match = re.fullmatch(r"/dev/(?:[shv]d[a-z]|xvd[a-z]|nvme\d+n\d+p|mmcblk\d+p)(\d*)", source)
    if match:
        number = int(match[1][:6]) if match[1] else None
        return next((v for v in volumes if v.offset is not None and v.number == number), None)
    return next((v for v in volumes if v.offset is None and source in _devices(v)), None)


def _matches(volume, tag, value):
    if tag == "UUID":
        return volume.uuid is not None and _same(volume.uuid, value)
    if tag == "PARTUUID":
        return volume.partition_uuid is not None and _same(volume.partition_uuid, value)
    names = {"LABEL": volume.label, "PARTLABEL": volume.partition_label}
    return bool(value) and names.get(tag) == value


def _same(one, other):
    try:
        return uuid.UUID(one) == uuid.UUID(other)
    except ValueError:
        return one.lower() == other.lower()


def _devices(volume):
    group, _, name = volume.name.partition("/")
    mapped = f"{group.replace('-', '--')}-{name.replace('-', '--')}"
    return f"/dev/{group}/{name}", f"/dev/mapper/{mapped}"
