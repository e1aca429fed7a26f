# SPDX-License-Identifier: Apache-2.0
"""Reads an image with Dissect's modules: in this process, without root, without a kernel's parser.

What the modules pass over in silence, though a kernel would not, is refused or noted.
"""
import functools
import importlib.metadata
import io
import os

from dissect_file_systems import FILE_SYSTEMS
from dissect_modules import module
from image_header import check_header
from results import Refused, Unavailable
from volumes import HEAD_BYTES, VOLUMES_MAX, Volume, identify, partitions

MODULES = ("hypervisor", "volume", "extfs", "xfs", "btrfs", "fat", "squashfs")
# Blocks of decoded image that are kept, 64 MiB in all.
CACHE_BLOCK_BYTES = 64 << 10
CACHE_BLOCKS = 1024


def version():
    try:
        for name in MODULES:
            module(name)
        versions = [f"{name} {importlib.metadata.version('dissect.' + name)}" for name in MODULES]
    except ImportError as error:
        raise Unavailable(f"Dissect is not whole: {error}") from error
    return ", ".join(versions)


def open_image(query, problems):
    return DissectReader(query["format"], problems)


class DissectReader:
    name = "dissect"

    def __init__(self, format, problems):
        self.version = version()
        self.problems = problems
        # Without a name, so that no module derives the paths of other files from it.
        self._image = io.BufferedReader(_Unnamed(0))
        self._disk = _opened(self._image, format)
        self.size = self._disk.seek(0, os.SEEK_END)

    def volumes(self):
        """The disk's scheme and all volumes, logical ones last."""
        whole = Volume("disk", 0, self.size, source=lambda: self._stream(0, self.size))
        self.scheme, found = partitions(self._read, self.size, self.problems)
        for volume in found:
            volume.source = functools.partial(self._stream, volume.offset, volume.size)
        self._identify([whole] + found)
        if not found:
            found = [whole]
        elif whole.content not in ("unknown", "empty", "iso9660"):
            self.problems.add(f"the disk has partitions, but may be taken for {whole.content}")
        logical = list(self._logical_volumes([v for v in found if v.content == "lvm"]))
        self._identify(logical)
        return (found + logical)[:VOLUMES_MAX]

    def file_system(self, volume, subvolume=None):
        reader = FILE_SYSTEMS.get(volume.content)
        return reader(volume, subvolume, self.problems) if reader else None

    def _identify(self, volumes):
        for volume in volumes:
            try:
                stream = volume.source()
                stream.seek(0)
                identify(volume, stream.read(HEAD_BYTES), self.problems)
            except Exception as error:
                self.problems.failed(volume.name, error)

    def _read(self, offset, count):
        self._disk.seek(offset)
        return self._disk.read(count)

    def _stream(self, offset, size):
        return module("util.stream").RangeStream(self._disk, offset, size)

    def _logical_volumes(self, physical):
        if not physical:
            return
        lvm = module("volume.lvm.lvm2")
        seen = set()
        try:
            devices = [lvm.LVM2Device(volume.source()) for volume in physical]
        except Exception as error:
            self.problems.failed("LVM", error)
            return
        for index, device in enumerate(devices):
            try:
                # A group of several devices is described on each of them.
                group = lvm.LVM2([device] + devices[:index] + devices[index + 1 :]).volume_group
                if group.id in seen:
                    continue
                seen.add(group.id)
                yield from self._group_volumes(group)
            except Exception as error:
                self.problems.failed("LVM", error)

    def _group_volumes(self, group):
        for logical in group.lv[:VOLUMES_MAX]:
            if not logical.is_visible:
                continue
            extents = sum(segment.extent_count for segment in logical.segments)
            volume = Volume(
                f"{group.name}/{logical.name}", None, extents * group.extent_size * 512)
            if all(_is_linear(segment) for segment in logical.segments):
                volume.source = logical.open
            else:
                volume.source = functools.partial(_refuse, "no linear logical volume")
            yield volume


class _Unnamed(io.RawIOBase):
    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._place = 0
        self._size = os.fstat(descriptor).st_size

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=os.SEEK_SET):
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("a place before the image's beginning")
        self._place = base + offset
        return self._place

    def readinto(self, buffer):
        if self._place >= 1 << 63:
            return 0
        count = os.preadv(self._descriptor, [buffer], self._place)
        self._place += count
        return count


def _refuse(reason):
    raise NotImplementedError(reason)


def _is_linear(segment):
    return segment.type in ("linear", "striped") and segment.stripe_count == 1


def _opened(image, format):
    """A stream of the disk's bytes."""
    check_header(image, format)
    if format == "raw":
        return image
    try:
        disk = _FORMATS[format](image)
    except Exception as error:
        raise Refused(f"no {format} image: {type(error).__name__}: {error}") from error
    return _cached(disk)


_FORMATS = {
    "qcow2": lambda image: module("hypervisor.disk.qcow2").QCow2(image).open(),
    "vmdk": lambda image: module("hypervisor.disk.vmdk").VMDK(image),
    "vdi": lambda image: module("hypervisor.disk.vdi").VDI(image).open(),
    "vpc": lambda image: module("hypervisor.disk.vhd").VHD(image),
    # One with a parent fails, as the stream has no path to look beside.
    "vhdx": lambda image: module("hypervisor.disk.vhdx").VHDX(image),
}


def _cached(disk):
    stream = module("util.stream")

    class Cached(stream.AlignedStream):
        def __init__(self):
            super().__init__(disk.size, align=CACHE_BLOCK_BYTES)
            self._block = functools.lru_cache(CACHE_BLOCKS)(self._fresh_block)

        def _fresh_block(self, offset):
            disk.seek(offset)
            return disk.read(CACHE_BLOCK_BYTES)

        def _read(self, offset, length):
            places = range(offset, offset + length, CACHE_BLOCK_BYTES)
            return b"".join(self._block(place) for place in places)[:length]

    return Cached()
