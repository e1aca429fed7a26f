# SPDX-License-Identifier: Apache-2.0
"""What both readers offer of a file system, so that all collecting is written once."""
import stat
from typing import NamedTuple

_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}


class Stat(NamedTuple):
    kind: str
    # Permission bits with setuid, setgid and sticky.
    mode: int
    uid: int
    gid: int
    size: int
    modified: int
    # Tells the nodes of one file system apart.
    key: object

    @classmethod
    def of(cls, mode, uid, gid, size, modified, key):
        kind = _KINDS.get(stat.S_IFMT(mode), "other")
        bound = (1 << 63) - 1
        return cls(
            kind, stat.S_IMODE(mode), uid, gid, min(max(size, 0), bound),
            min(max(modified, -bound), bound), key)


class FileSystem:
    """Nodes are the reader's own. Names are text, with surrogates for what is no UTF-8."""

    def root(self):
        raise NotImplementedError

    def children(self, node):
        """Yields names with references, in any order, `.` and `..` or not."""
        raise NotImplementedError

    def resolved(self, reference):
        """The node of a reference that `children` gave."""
        return reference

    def stat(self, node):
        raise NotImplementedError

    def link(self, node):
        """Where a symbolic link leads."""
        raise NotImplementedError

    def read(self, node, offset, count):
        """Less than `count` bytes at the file's end."""
        raise NotImplementedError

    def subvolumes(self):
        """Paths of what may be mounted instead of the root."""
        return []
