# SPDX-License-Identifier: Apache-2.0
"""Refuses images that refer to other files. They were refused before they came here; but whatever
opens an image now would follow such a reference."""
import os
import struct

from results import Refused

HEAD_BYTES = 1 << 10


def check_header(image, format):
    """`image` is at any place before, at its beginning after."""
    image.seek(0)
    head = image.read(HEAD_BYTES)
    tests = {
        "raw": lambda image, head: None, "qcow2": _qcow2, "vmdk": _vmdk, "vdi": _vdi, "vpc": _vpc,
        "vhdx": _vhdx,
    }
    if format not in tests:
        raise Refused(f"no reader for the format {format}")
    try:
        tests[format](image, head)
    except (struct.error, OSError) as error:
        raise Refused(f"no {format} image: {error}") from error
    image.seek(0)


def _qcow2(image, head):
    if head[:4] != b"QFI\xfb":
        raise Refused("no qcow2 image")
    version, backing = struct.unpack_from(">IQ", head, 4)
    encryption, = struct.unpack_from(">I", head, 32)
    incompatible, = struct.unpack_from(">Q", head, 72) if version >= 3 else (0,)
    if backing:
        raise Refused("the image names a backing file")
    if incompatible & 0x4:
        raise Refused("the image names an external data file")
    if encryption:
        raise Refused("the image is encrypted")


def _vmdk(image, head):
    if head[:4] != b"KDMV":
        raise Refused("no sparse or stream-optimised VMDK")


def _vdi(image, head):
    # 1 is dynamic, 2 fixed; the others lie upon another image.
    if struct.unpack_from("<I", head, 76)[0] not in (1, 2):
        raise Refused("no VDI, or it lies upon another image")


def _vpc(image, head):
    image.seek(-512, os.SEEK_END)
    footer = image.read(512)
    # 2 is fixed, 3 dynamic, 4 lies upon another image.
    if footer[:8] != b"conectix" or struct.unpack_from(">I", footer, 60)[0] not in (2, 3):
        raise Refused("no VHD, or it lies upon another image")


def _vhdx(image, head):
    if head[:8] != b"vhdxfile":
        raise Refused("no VHDX")
