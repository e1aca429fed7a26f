# SPDX-License-Identifier: Apache-2.0
"""File systems as Dissect's modules read them, and what they read wrongly or not at all."""
import stat
import struct

from dissect_ext import Ext
from dissect_modules import check_link, module, read_stream
from file_system import FileSystem, Stat

SUBVOLUMES_MAX = 256
LOG_BYTES_MAX = 2 << 30


class _XFS(FileSystem):
    def __init__(self, volume, subvolume, problems):
        stream = volume.source()
        self._fs = module("xfs").XFS(stream)
        sb = self._fs.sb
        head = read_stream(stream, 0, 512)
        if head[192]:
            problems.add(f"{volume.name}: directory blocks larger than the file system's")
        if struct.unpack_from(">Q", head, 16)[0]:
            problems.add(f"{volume.name} has a real-time section")
        if _xfs_log_is_dirty(stream, sb):
            problems.add(f"{volume.name} was not unmounted: its log may hold other content")

    def root(self):
        return self._fs.root

    def children(self, node):
        for child in node.iterdir():
            yield child.filename, child.inum

    def resolved(self, reference):
        return self._fs.get_inode(reference)

    def stat(self, node):
        inode = node.inode
        return Stat.of(
            inode.di_mode, inode.di_uid, inode.di_gid, node.size, node.mtime_ns // 10**9,
            node.inum)

    def link(self, node):
        check_link(node.size)
        return node.link

    def read(self, node, offset, count):
        return read_stream(node.open(), offset, count)


def _xfs_log_is_dirty(stream, sb):
    """Whether the newest record of the log is another than that of an unmount."""
    block = sb.sb_blocksize
    group, offset = sb.sb_logstart >> sb.sb_agblklog, sb.sb_logstart & (1 << sb.sb_agblklog) - 1
    start, length = (group * sb.sb_agblocks + offset) * block, sb.sb_logblocks * block
    if not sb.sb_logstart or length > LOG_BYTES_MAX:
        return True
    newest = None
    for place in range(0, length, 1 << 20):
        chunk = read_stream(stream, start + place, min(1 << 20, length - place))
        at = chunk.find(b"\xfe\xed\xba\xbe")
        while at >= 0:
            if at % 512 == 0 and at + 44 <= len(chunk):
                lsn = struct.unpack_from(">Q", chunk, at + 16)[0]
                if newest is None or lsn > newest[0]:
                    newest = (lsn, place + at)
            at = chunk.find(b"\xfe\xed\xba\xbe", at + 1)
    if newest is None:
        return False
    record = read_stream(stream, start + newest[1], 4096)
    # xlog_rec_header: h_version at 8, h_num_logops at 40, h_size at 320.
    operations, size = struct.unpack_from(">I", record, 40)[0], struct.unpack_from(
        ">I", record, 320)[0]
    headers = -(-max(size, 1) // (32 << 10)) if struct.unpack_from(">I", record, 4)[0] == 2 else 1
    body = read_stream(stream, start + newest[1] + 512 * headers, 512)
    # xlog_op_header: oh_flags at 9; 0x20 is XLOG_UNMOUNT_TRANS.
    return not (operations == 1 and len(body) > 9 and body[9] & 0x20)


class _Btrfs(FileSystem):
    def __init__(self, volume, subvolume, problems):
        self._fs = module("btrfs").Btrfs(volume.source())
        if self._fs.sb.log_root:
            problems.add(f"{volume.name} was not unmounted: its log may hold other content")
        if self._fs.sb.num_devices != 1:
            problems.add(f"{volume.name} is one of {self._fs.sb.num_devices} devices")
        if subvolume is None:
            self._root = self._fs.default_subvolume.root
        elif isinstance(subvolume, int):
            self._root = self._fs.open_subvolume(subvolume or 5).root
        else:
            found = self._fs.find_subvolume(subvolume.strip("/"))
            if found is None:
                raise FileNotFoundError("no such subvolume")
            self._root = found.root

    def root(self):
        return self._root

    def subvolumes(self):
        found = []
        for subvolume in self._fs.subvolumes():
            if len(found) == SUBVOLUMES_MAX:
                break
            if subvolume.objectid != 5:
                found.append(subvolume.path)
        return found

    def children(self, node):
        for name, child in node.iterdir():
            yield name, child

    def stat(self, node):
        return Stat.of(
            node.mode, node.uid, node.gid, node.size, node.mtime_ns // 10**9,
            (node.subvolume.objectid, node.inum))

    def link(self, node):
        check_link(node.size)
        if not stat.S_ISLNK(node.mode):
            raise ValueError("no link")
        return read_stream(node.open(), 0, node.size).decode("utf-8", "surrogateescape")

    def read(self, node, offset, count):
        return read_stream(node.open(), offset, count)


class _SquashFS(FileSystem):
    def __init__(self, volume, subvolume, problems):
        self._fs = module("squashfs").SquashFS(volume.source())

    def root(self):
        return self._fs.root

    def children(self, node):
        for child in node.iterdir():
            yield child.name, child

    def stat(self, node):
        header = node.header
        kind = module("squashfs.squashfs").TYPE_MAP[header.inode_type]
        return Stat.of(
            header.mode | kind, node.uid, node.gid, node.size or 0, header.mtime,
            (node.block, node.offset))

    def link(self, node):
        check_link(node.header.symlink_size)
        return node.link

    def read(self, node, offset, count):
        return read_stream(node.open(), offset, count)


class _FAT(FileSystem):
    """Has neither owners nor rights: everything is root's, as a mount shows it by default."""

    def __init__(self, volume, subvolume, problems):
        self._fs = module("fat").FATFS(volume.source())

    def root(self):
        return self._fs.root

    def children(self, node):
        for child in node.iterdir():
            if not child.is_volume_id():
                yield _fat_name(child), child

    def stat(self, node):
        is_folder = node.is_directory()
        mode = stat.S_IFDIR | 0o755 if is_folder else stat.S_IFREG | 0o755
        size = 0 if is_folder else node.size
        return Stat.of(mode, 0, 0, size, _fat_time(node), (node.cluster, node.name))

    def link(self, node):
        raise ValueError("no link")

    def read(self, node, offset, count):
        return read_stream(node.open(), offset, count)


def _fat_name(node):
    """A name without a long form has bits that say which half of it is in small letters."""
    if node.ldirents or not node.dirent.DIR_NTRes & 0x18:
        return node.name
    base, dot, extension = node.name.partition(".")
    if node.dirent.DIR_NTRes & 0x08:
        base = base.lower()
    if node.dirent.DIR_NTRes & 0x10:
        extension = extension.lower()
    return base + dot + extension


def _fat_time(node):
    try:
        return int(node.mtime.timestamp())
    except (ValueError, OverflowError):
        return 0


FILE_SYSTEMS = {
    "ext2": Ext, "ext3": Ext, "ext4": Ext, "xfs": _XFS, "btrfs": _Btrfs,
    "squashfs": _SquashFS, "vfat": _FAT,
}
