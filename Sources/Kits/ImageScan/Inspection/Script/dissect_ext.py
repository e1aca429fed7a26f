# SPDX-License-Identifier: Apache-2.0
"""ext2, ext3 and ext4: inodes as Dissect's module reads them, directories and the mapping of files
to blocks as the kernel does. The module leaves out the last inode, what follows a broken entry of a
directory, and holes before extents that were never written."""
import stat
import struct

from dissect_modules import check_link, module, read_stream
from file_system import FileSystem, Stat

DIRECTORY_BYTES_MAX = 256 << 20
EXTENTS_MAX = 1 << 20
EXTENT_DEPTH_MAX = 5
INLINE_LINK_BYTES = 60
NEEDS_RECOVERY = 0x4
IS_64_BIT = 0x80
USES_EXTENTS = 0x80000
# What the module reads wrongly or not at all, by bit of the incompatible features.
UNREADABLE = {
    0x10: "meta_bg", 0x400: "ea_inode", 0x1000: "dirdata", 0x8000: "inline_data",
    0x10000: "encrypt",
}


class Ext(FileSystem):
    def __init__(self, volume, subvolume, problems):
        self._fs = module("extfs").ExtFS(volume.source())
        self._problems = problems
        self._name = volume.name
        sb = self._fs.sb
        for bit, feature in UNREADABLE.items():
            if sb.s_feature_incompat & bit:
                problems.add(f"{volume.name} has the feature {feature}")
        if sb.s_feature_incompat & NEEDS_RECOVERY:
            problems.add(f"{volume.name} was not unmounted: its journal may hold other content")
        # Sizes that the module believes and the kernel does not.
        if not sb.s_feature_incompat & IS_64_BIT and sb.s_desc_size not in (0, 32):
            raise ValueError("group descriptors of impossible size")
        if sb.s_rev_level == 0 and sb.s_inode_size not in (0, 128):
            raise ValueError("inodes of impossible size")

    def root(self):
        return self._fs.get_inode(2)

    def children(self, node):
        block_size = self._fs.block_size
        if node.size > DIRECTORY_BYTES_MAX:
            raise OverflowError("the directory is too large")
        stream = self._open(node)
        for _ in range(0, node.size, block_size):
            block = stream.read(block_size)
            place = 0
            while place + 8 <= len(block):
                inode, length, name_length = struct.unpack_from("<IHB", block, place)
                if length in (0, 0xFFFF) and block_size >= 65536:
                    length = block_size
                if length < 8 + name_length or length % 4 or place + length > len(block):
                    self._problems.add(f"{self._name}: a directory is broken")
                    break
                if inode:
                    name = block[place + 8 : place + 8 + name_length]
                    yield name.decode("utf-8", "surrogateescape"), inode
                place += length

    def resolved(self, reference):
        return self._fs.get_inode(reference)

    def stat(self, node):
        inode = node.inode
        return Stat.of(
            inode.i_mode, inode.i_uid | inode.i_uid_high << 16,
            inode.i_gid | inode.i_gid_high << 16, node.size, node.mtime_ns // 10**9, node.inum)

    def link(self, node):
        check_link(node.size)
        if not stat.S_ISLNK(node.inode.i_mode):
            raise ValueError("no link")
        if node.size < INLINE_LINK_BYTES and not node.inode.i_flags & USES_EXTENTS:
            content = bytes(node.inode.i_block)[: node.size]
        else:
            content = read_stream(self._open(node), 0, node.size)
        return content.decode("utf-8", "surrogateescape")

    def read(self, node, offset, count):
        return read_stream(self._open(node), offset, count)

    def _open(self, node):
        if not node.inode.i_flags & USES_EXTENTS:
            return node.open()
        runs, place = [], 0
        blocks = -(-node.size // self._fs.block_size)
        for first, length, start in sorted(self._extents(bytes(node.inode.i_block), 0)):
            if first < place:
                raise ValueError("extents that overlap")
            if first > place:
                runs.append((None, first - place))
            runs.append((start, length))
            place = first + length
        if place < blocks:
            runs.append((None, blocks - place))
        return module("util.stream").RunlistStream(
            self._fs.fh, runs, node.size, self._fs.block_size)

    def _extents(self, node, depth, budget=None):
        """Yields first block, number of blocks and place; the place is None where nothing was
        written yet."""
        budget = budget if budget is not None else [EXTENTS_MAX]
        magic, count, _, level = struct.unpack_from("<HHHH", node)
        if magic != 0xF30A or depth > EXTENT_DEPTH_MAX:
            raise ValueError("a broken extent tree")
        for at in range(12, min(12 + 12 * count, len(node) - 11), 12):
            budget[0] -= 1
            if budget[0] < 0:
                raise OverflowError("too many extents")
            first, length, high, low = struct.unpack_from("<IHHI", node, at)
            if level == 0:
                is_written = length <= 0x8000
                place = (high << 32 | low) if is_written else None
                yield first, length if is_written else length - 0x8000, place
                continue
            _, low, high = struct.unpack_from("<IIH", node, at)
            block = read_stream(
                self._fs.fh, (high << 32 | low) * self._fs.block_size, self._fs.block_size)
            yield from self._extents(block, depth + 1, budget)
