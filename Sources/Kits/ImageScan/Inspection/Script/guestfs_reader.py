# SPDX-License-Identifier: Apache-2.0
"""Reads an image with libguestfs: by a Linux kernel of its own, in a virtual machine."""
import os
import struct
import subprocess
import tempfile
import uuid

import guestfs

from file_system import FileSystem, Stat
from image_header import check_header
from results import Refused, Unavailable
from volumes import HEAD_BYTES, PARTITIONS_MAX, VOLUMES_MAX, Volume, identify

IMAGE = "/input"
APPLIANCE_VARIABLE = "LIBGUESTFS_PATH"
DISK = "/dev/sda"
MEMORY_MEBIBYTES = 768
# What one answer of the appliance may hold, and what one question.
READ_BYTES_MAX = 1 << 20
NAMES_MAX = 500
NAMES_BYTES_MAX = 256 << 20
SUBVOLUMES_MAX = 256

SCHEMES = {"gpt": "gpt", "msdos": "mbr"}
MOUNTABLE = ("ext2", "ext3", "ext4", "xfs", "btrfs", "squashfs", "vfat")
TYPES = {"LVM2_member": "lvm", "crypto_LUKS": "encrypted"}


def version():
    folder = os.environ.get(APPLIANCE_VARIABLE, "")
    for name in ("kernel", "initrd", "root"):
        if not os.access(f"{folder}/{name}", os.R_OK):
            raise Unavailable(f"the appliance has no {name}")
    numbers = guestfs.GuestFS(python_return_dict=True).version()
    return f"{numbers['major']}.{numbers['minor']}.{numbers['release']}"


def open_image(query, problems):
    return GuestfsReader(query["format"], problems)


class GuestfsReader:
    name = "libguestfs"

    def __init__(self, format, problems):
        self.version = version()
        if not os.access(IMAGE, os.R_OK):
            raise Unavailable("everyone must be allowed to read the image")
        self._problems = problems
        self._g = _launched(format)
        self._mounted = {}
        self.size = self._g.blockdev_getsize64(DISK)
        self.scheme = "none"

    def volumes(self):
        """The disk's scheme and all volumes, logical ones last."""
        try:
            self.scheme = SCHEMES.get(self._g.part_get_parttype(DISK), "none")
        except RuntimeError:
            # There is no partition table.
            pass
        found = list(self._partitions()) if self.scheme != "none" else []
        if not found:
            self.scheme = "none"
            found = [Volume("disk", 0, self.size, source=DISK)]
        for path in self._g.lvs()[:VOLUMES_MAX]:
            size = self._g.blockdev_getsize64(path)
            found.append(Volume(path.removeprefix("/dev/"), None, size, source=path))
        for volume in found:
            self._identify(volume)
        return found[:VOLUMES_MAX]

    def _partitions(self):
        disk = struct.unpack("<I", self._g.pread_device(DISK, 4, 440))[0]
        for part in self._g.part_list(DISK)[:PARTITIONS_MAX]:
            number = part["part_num"]
            if self.scheme == "mbr":
                if self._g.part_get_mbr_part_type(DISK, number) == "extended":
                    continue
            volume = Volume(
                f"partition {number}", part["part_start"], part["part_size"],
                source=f"{DISK}{number}", number=number)
            if self.scheme == "mbr":
                volume.partition_uuid = f"{disk:08x}-{number:02x}"
            else:
                volume.type = uuid.UUID(self._g.part_get_gpt_type(DISK, number))
                volume.partition_uuid = self._g.part_get_gpt_guid(DISK, number).lower()
                volume.partition_label = self._g.part_get_name(DISK, number)
            yield volume

    def _identify(self, volume):
        try:
            identify(
                volume, self._g.pread_device(volume.source, HEAD_BYTES, 0), self._problems)
            kind = self._g.vfs_type(volume.source)
        except RuntimeError as error:
            self._problems.failed(volume.name, error)
            return
        kind = TYPES.get(kind, kind)
        if kind in MOUNTABLE + ("swap", "lvm", "encrypted") and kind != volume.content:
            self._problems.add(f"{volume.name} is {volume.content}, but {kind} for libguestfs")

    def file_system(self, volume, subvolume=None):
        if volume.content not in MOUNTABLE:
            return None
        key = (volume.source, subvolume)
        if key not in self._mounted:
            folder = f"/volume{len(self._mounted)}"
            options = "ro"
            if subvolume is not None:
                option = "subvolid" if isinstance(subvolume, int) else "subvol"
                if "," in str(subvolume):
                    raise ValueError("a subvolume with a comma in its name")
                options += f",{option}={subvolume}"
            self._g.mkmountpoint(folder)
            self._g.mount_options(options, volume.source, folder)
            has_subvolumes = volume.content == "btrfs"
            self._mounted[key] = _Mounted(self._g, folder, has_subvolumes, self._problems)
        return self._mounted[key]


def _launched(format):
    with open(0, "rb", closefd=False) as image:
        check_header(image, format)
    # QEMU takes another folder than /tmp for its own overlays, when it may choose.
    folder = tempfile.mkdtemp()
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    g = _handle()
    g.add_drive_opts(_overlay(folder, format), format="qcow2")
    try:
        g.launch()
        return g
    except RuntimeError as error:
        # Without the image it tells whose fault that was.
        other = _handle()
        other.add_drive_scratch(1 << 20)
        try:
            other.launch()
        except RuntimeError:
            raise Unavailable(f"libguestfs does not start: {error}") from error
        raise Refused(f"libguestfs cannot open it: {error}") from error


def _overlay(folder, format):
    """A file for what the appliance's kernel writes, such as from a journal. libguestfs' own for
    a read-only drive lets QEMU guess the format of the disk's content."""
    path = f"{folder}/overlay.qcow2"
    made = subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", IMAGE, "-F", format, path],
        capture_output=True, text=True)
    if made.returncode:
        raise Refused(f"qemu-img: {made.stderr}")
    return path


def _handle():
    g = guestfs.GuestFS(python_return_dict=True)
    g.set_memsize(MEMORY_MEBIBYTES)
    return g


class _Node:
    __slots__ = ("path", "values")

    def __init__(self, path, values):
        self.path = path
        self.values = values


class _Mounted(FileSystem):
    """A file system in a folder of the appliance."""

    def __init__(self, g, folder, has_subvolumes, problems):
        self._g = g
        self._folder = folder
        self._has_subvolumes = has_subvolumes
        self._problems = problems

    def root(self):
        return _Node(self._folder, self._g.lstatns(self._folder))

    def subvolumes(self):
        if not self._has_subvolumes:
            return []
        found = self._g.btrfs_subvolume_list(self._folder)
        return [s["btrfssubvolume_path"] for s in found[:SUBVOLUMES_MAX]]

    def children(self, node):
        names = []
        for name in self._names(node):
            try:
                name.encode()
                names.append(name)
            except UnicodeEncodeError:
                # The Python binding has no way to name such a file.
                self._problems.add(f"{node.path}/{name} cannot be named to libguestfs")
        for start in range(0, len(names), NAMES_MAX):
            some = names[start : start + NAMES_MAX]
            for name, values in zip(some, self._g.lstatnslist(node.path, some)):
                if values["st_ino"] == -1:
                    self._problems.add(f"{node.path}/{name} cannot be read")
                else:
                    yield name, _Node(f"{node.path}/{name}", values)

    def _names(self, node):
        with tempfile.NamedTemporaryFile() as file:
            self._g.ls0(node.path, file.name)
            content = file.read(NAMES_BYTES_MAX)
        names = content.decode("utf-8", "surrogateescape").split("\0")
        return [name for name in names if name]

    def stat(self, node):
        v = node.values
        return Stat.of(
            v["st_mode"], v["st_uid"], v["st_gid"], v["st_size"], v["st_mtime_sec"],
            (v["st_dev"], v["st_ino"]))

    def link(self, node):
        return self._g.readlink(node.path)

    def read(self, node, offset, count):
        parts = []
        while count > 0:
            part = self._g.pread(node.path, min(count, READ_BYTES_MAX), offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            count -= len(part)
        return b"".join(parts)
