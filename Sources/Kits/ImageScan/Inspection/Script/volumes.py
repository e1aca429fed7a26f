# SPDX-License-Identifier: Apache-2.0
"""Partition tables, and what the first bytes of a volume say it holds.

Our own, as a scanner has to see what a guest's kernel would see: Linux' rules of which table
counts.
"""
import struct
import uuid
import zlib

SECTOR = 512
HEAD_BYTES = 72 << 10
PARTITIONS_MAX = 256
VOLUMES_MAX = 300
GPT_ENTRY_BYTES_MAX = 4096
EXTENDED = (0x05, 0x0F, 0x85)
BIOS_BOOT = uuid.UUID("21686148-6449-6e6f-744e-656564454649")


class Volume:
    """A partition, a logical volume or the whole disk."""

    def __init__(self, name, offset, size, source=None, number=None):
        self.name = name
        self.offset = offset
        self.size = size
        self.source = source
        self.number = number
        self.type = None
        self.partition_uuid = None
        self.partition_label = None
        self.content = "unknown"
        self.uuid = None
        self.label = None
        self.mount_point = None


def partitions(read, size, problems):
    """The disk's scheme and its partitions, as Linux would find them.

    `read(offset, count)` may return less at the disk's end.
    """
    sector = read(0, SECTOR)
    if len(sector) < SECTOR or sector[510:] != b"\x55\xaa":
        return "none", []
    entries = [sector[at : at + 16] for at in range(446, 510, 16)]
    if any(entry[4] == 0xEE for entry in entries):
        found = _gpt(read, size, problems)
        if found is not None:
            return "gpt", found
    # A boot sector of FAT bears the same signature; its flags are none.
    if any(entry[0] not in (0, 0x80) for entry in entries):
        return "none", []
    found = list(_mbr(read, size, entries, problems))
    return ("mbr", found) if found else ("none", [])


def _gpt(read, size, problems):
    for sector in (512, 4096):
        for place, block in (("first", 1), ("second", size // sector - 1)):
            found = _gpt_at(read, size, sector, block, problems)
            if found is not None:
                if place != "first":
                    problems.add("the first GPT is broken, the second was read")
                return found
    problems.add("the disk should have a GPT, but none is whole")
    return None


def _gpt_at(read, size, sector, block, problems):
    header = read(block * sector, SECTOR)
    if len(header) < SECTOR or header[:8] != b"EFI PART":
        return None
    length, checksum = struct.unpack_from("<II", header, 12)
    if not 92 <= length <= SECTOR or struct.unpack_from("<Q", header, 24)[0] != block:
        return None
    if zlib.crc32(header[:16] + bytes(4) + header[20:length]) != checksum:
        return None
    start, count, width, checksum = struct.unpack_from("<QIII", header, 72)
    if not 128 <= width <= GPT_ENTRY_BYTES_MAX or count > PARTITIONS_MAX:
        return None
    table = read(start * sector, count * width)
    if len(table) != count * width or zlib.crc32(table) != checksum:
        return None
    found = []
    for index in range(count):
        entry = table[index * width : index * width + 128]
        first, last = struct.unpack_from("<QQ", entry, 32)
        if entry[:16] == bytes(16) or last < first:
            continue
        volume = _partition(
            index + 1, first * sector, (last - first + 1) * sector, size, problems)
        if volume is None:
            continue
        volume.type = uuid.UUID(bytes_le=entry[:16])
        volume.partition_uuid = str(uuid.UUID(bytes_le=entry[16:32]))
        volume.partition_label = entry[56:128].decode("utf-16-le", "replace").split("\0")[0]
        found.append(volume)
    return found


def _partition(number, offset, length, size, problems):
    if offset >= size:
        problems.add(f"partition {number} begins behind the disk's end")
        return None
    if offset + length > size:
        problems.add(f"partition {number} ends behind the disk's end")
        length = size - offset
    return Volume(f"partition {number}", offset, length, number=number)


def _mbr(read, size, entries, problems):
    disk = struct.unpack("<I", read(440, 4))[0]
    extended = None
    for number, entry in enumerate(entries, 1):
        first, count = struct.unpack_from("<II", entry, 8)
        if not count or not entry[4]:
            continue
        if entry[4] in EXTENDED:
            extended = extended or first
            continue
        volume = _partition(number, first * SECTOR, count * SECTOR, size, problems)
        if volume:
            volume.partition_uuid = f"{disk:08x}-{number:02x}"
            yield volume
    if extended:
        yield from _logical(read, size, extended, disk, problems)


def _logical(read, size, extended, disk, problems):
    """The chain of extended boot records: each has a partition, and where the next one is."""
    place = extended
    seen = set()
    number = 5
    while place not in seen and len(seen) < PARTITIONS_MAX:
        seen.add(place)
        sector = read(place * SECTOR, SECTOR)
        if len(sector) < SECTOR or sector[510:] != b"\x55\xaa":
            problems.add("the chain of logical partitions is broken")
            return
        following = None
        for entry in (sector[at : at + 16] for at in range(446, 510, 16)):
            first, count = struct.unpack_from("<II", entry, 8)
            if not count or not entry[4]:
                continue
            if entry[4] in EXTENDED:
                following = extended + first if following is None else following
                continue
            volume = _partition(
                number, (place + first) * SECTOR, count * SECTOR, size, problems)
            if volume:
                volume.partition_uuid = f"{disk:08x}-{number:02x}"
                yield volume
            number += 1
        if following is None:
            return
        place = following
    problems.add("the chain of logical partitions has no end")


def identify(volume, head, problems):
    """Sets what the volume holds, with its UUID and label, from its first `HEAD_BYTES` bytes."""
    head = head.ljust(HEAD_BYTES, b"\0")
    found = [name for name, test in _SIGNATURES if test(head)]
    if len(found) > 1:
        # A kernel may take it for the one, and who looks at it for the other.
        problems.add(f"{volume.name} may be taken for {' or '.join(found)}")
    if found:
        volume.content = found[0]
        naming = _NAMES.get(found[0])
        if naming:
            volume.uuid, volume.label = naming(head)
    elif volume.type == BIOS_BOOT:
        volume.content = "bios-boot"
    elif not head.strip(b"\0"):
        volume.content = "empty"


def _has(place, *magics):
    return lambda head: any(head[place : place + len(m)] == m for m in magics)


def _ext(kind):
    def test(head):
        if head[1080:1082] != b"\x53\xef":
            return False
        compatible, incompatible, read_only = struct.unpack_from("<III", head, 1024 + 0x5C)
        if incompatible & 0x8:
            return kind == "journal"
        if incompatible & ~0x16 or read_only & ~0x7:
            return kind == "ext4"
        return kind == ("ext3" if compatible & 0x4 else "ext2")
    return test


def _is_fat(head):
    bytes_per_sector, clusters = struct.unpack_from("<HB", head, 11)
    return (
        head[510:512] == b"\x55\xaa"
        and (head[54:57] == b"FAT" or head[82:87] == b"FAT32")
        and bytes_per_sector in (512, 1024, 2048, 4096)
        and clusters in (1, 2, 4, 8, 16, 32, 64, 128)
    )


def _is_swap(head):
    marks = (b"SWAPSPACE2", b"SWAP-SPACE", b"S1SUSPEND\0", b"S2SUSPEND\0", b"LINHIB0001")
    return any(
        head[page - 10 : page] in marks for page in (4096, 8192, 16384, 32768, 65536))


_SIGNATURES = [
    ("encrypted", _has(0, b"LUKS\xba\xbe", b"SKUL\xba\xbe")),
    ("bitlocker", _has(3, b"-FVE-FS-")),
    ("lvm", lambda head: any(head[at : at + 8] == b"LABELONE" for at in range(0, 2048, 512))),
    ("raid", lambda head: any(
        head[at : at + 4] == b"\xfc\x4e\x2b\xa9" for at in (0, 4096))),
    ("ext2", _ext("ext2")),
    ("ext3", _ext("ext3")),
    ("ext4", _ext("ext4")),
    ("journal", _ext("journal")),
    ("xfs", _has(0, b"XFSB")),
    ("btrfs", _has(0x10040, b"_BHRfS_M")),
    ("squashfs", _has(0, b"hsqs", b"sqsh")),
    ("vfat", _is_fat),
    ("ntfs", _has(3, b"NTFS    ")),
    ("exfat", _has(3, b"EXFAT   ")),
    ("iso9660", _has(0x8001, b"CD001")),
    ("erofs", _has(1024, b"\xe2\xe1\xf5\xe0")),
    ("f2fs", _has(1024, b"\x10\x20\xf5\xf2")),
    ("bcachefs", _has(4096 + 24, bytes.fromhex("c68573f64e1a45ca8265f57f48ba6d81"))),
    ("reiserfs", _has(0x10034, b"ReIsEr")),
    ("jfs", _has(0x8000, b"JFS1")),
    ("swap", _is_swap),
]


def _named(at, label_at, label_bytes):
    def names(head):
        label = head[label_at : label_at + label_bytes].split(b"\0")[0]
        return str(uuid.UUID(bytes=head[at : at + 16])), label.decode("utf-8", "surrogateescape")
    return names


def _fat_names(head):
    at = 67 if head[82:87] == b"FAT32" else 39
    serial = struct.unpack_from("<I", head, at)[0]
    label = head[at + 4 : at + 15].decode("latin-1").rstrip()
    return f"{serial >> 16:04X}-{serial & 0xFFFF:04X}", label


_NAMES = {
    "ext2": _named(1024 + 0x68, 1024 + 0x78, 16),
    "ext3": _named(1024 + 0x68, 1024 + 0x78, 16),
    "ext4": _named(1024 + 0x68, 1024 + 0x78, 16),
    "xfs": _named(32, 108, 12),
    "btrfs": _named(0x10020, 0x1012B, 256),
    "swap": _named(1036, 1052, 16),
    "vfat": _fat_names,
}
