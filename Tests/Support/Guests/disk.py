# SPDX-License-Identifier: Apache-2.0
"""Puts file systems on a disk, and the disk into a format."""
import os
import struct

import logical_volumes
from file_systems import command, copy

MIB = 1 << 20
DISK_ID = "0E1D2C3B-4A59-4687-9786-A5B4C3D2E1F0"
SWAP_UUID = "9d2a6c1e-3b47-4f58-8a60-c1d2e3f4a5b6"
SWAP_BYTES = 8 * MIB
TYPES = {
    "linux": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
    "lvm": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
    "esp": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    "bios": "21686148-6449-6E6F-744E-656564454649",
}


def assemble(wanted, root, loader, path, work):
    """`loader`: a folder with GRUB's boot.img and core.img, if there is one."""
    layout, has_swap = wanted["layout"], wanted["hasSwap"]
    if layout == "whole":
        if has_swap:
            raise SystemExit("no room for swap: the disk is one file system")
        os.rename(root, path)
        return
    parts = [("linux", root)]
    swap = os.path.join(work, "swap.img")
    if has_swap:
        with open(swap, "wb") as file:
            file.truncate(SWAP_BYTES)
        command("mkswap", "-U", SWAP_UUID, swap)
        parts.append(("swap", swap))
    if layout == "lvm":
        parts = [("lvm", group(parts, work))]
    elif layout == "cloud":
        parts += [("bios", core(loader, work)), ("esp", system_partition(work))]
    if layout.startswith("mbr"):
        mbr(parts, path, logical=layout == "mbrLogical")
    else:
        offsets = gpt(parts, path)
        if layout == "cloud":
            kinds = [kind for kind, _ in parts]
            make_bootable(loader, path, offsets[kinds.index("bios")] * 2048)


def group(parts, work):
    """A volume group of the parts; swap is one of its volumes."""
    names = {"linux": "root", "swap": "swap"}
    path = os.path.join(work, "lvm.img")
    logical_volumes.write(path, "vg0", [(names[kind], image) for kind, image in parts])
    return path


def core(loader, work):
    """GRUB's own partition; of a guest without GRUB, what looks like it."""
    path = os.path.join(work, "bios.img")
    source = os.path.join(loader, "core.img")
    content = b"\x52\x56\xbe\x1b\x81\xe8" + b"loading\0".ljust(506, b"\0")
    if os.path.exists(source):
        with open(source, "rb") as file:
            content = file.read()
    with open(path, "wb") as file:
        file.write(content)
        file.truncate(MIB)
    return path


def make_bootable(loader, path, sector):
    """What grub-bios-setup does: tells the boot sector where GRUB's core begins, and the core
    where it goes on (offsets as in GRUB's include/grub/i386/pc/boot.h)."""
    source = os.path.join(loader, "boot.img")
    if not os.path.exists(source):
        return
    with open(source, "rb") as file:
        boot = bytearray(file.read(440))
    boot[0x5C:0x64] = struct.pack("<Q", sector)
    # Hard disks only: no guess of which drive the BIOS meant.
    boot[0x66:0x68] = b"\x90\x90"
    with open(path, "r+b") as file:
        file.write(boot)
        file.seek(sector * 512 + 0x1F4)
        file.write(struct.pack("<Q", sector + 1))


def system_partition(work):
    path = os.path.join(work, "esp.img")
    with open(path, "wb") as file:
        file.truncate(8 * MIB)
    boot = os.path.join(work, "grub.cfg")
    with open(boot, "w", encoding="ascii") as file:
        file.write("search.fs_label root root\nconfigfile ($root)/boot/grub/grub.cfg\n")
    environment = dict(os.environ, SOURCE_DATE_EPOCH="1795132800", MTOOLS_SKIP_CHECK="1")
    command("mkfs.vfat", "--invariant", "-i", "A1B2C3D4", "-n", "EFI", path)
    command("mmd", "-i", path, "::/EFI", "::/EFI/debian", env=environment)
    command("mcopy", "-i", path, boot, "::/EFI/debian/grub.cfg", env=environment)
    return path


def blocks(length):
    """Whole MiB that hold so many bytes."""
    return -(-length // MIB)


def gpt(parts, path):
    lines = ["label: gpt", f"label-id: {DISK_ID}"]
    offsets = []
    start = 1
    for number, (kind, image) in enumerate(parts):
        size = blocks(os.path.getsize(image))
        lines.append(
            f"start={start * 2048}, size={size * 2048}, type={TYPES[kind]}, "
            f"uuid=5A0F1E2D-3C4B-4596-8778-69B4A5C3D2E{number}")
        offsets.append(start)
        start += size
    partition(lines, start + 1, path)
    fill(parts, offsets, path)
    return offsets


def mbr(parts, path, logical):
    types = {"linux": "83", "swap": "82"}
    lines = ["label: dos", "label-id: 0x1d2c3b4a"]
    offsets = []
    start = 1
    total = sum(blocks(os.path.getsize(image)) + 1 for _, image in parts) + 1
    if logical:
        lines.append(f"start=2048, size={total * 2048}, type=5")
        # Each logical partition has a sector of its own before it.
        start = 2
    for number, (kind, image) in enumerate(parts):
        size = blocks(os.path.getsize(image))
        active = ", bootable" if number == 0 and not logical else ""
        lines.append(f"start={start * 2048}, size={size * 2048}, type={types[kind]}{active}")
        offsets.append(start)
        start += size + (1 if logical else 0)
    partition(lines, total + 2, path)
    fill(parts, offsets, path)


def partition(lines, mebibytes, path):
    with open(path, "wb") as file:
        file.truncate(mebibytes * MIB)
    command("sfdisk", "-q", path, input="\n".join(lines) + "\n")


def fill(parts, offsets, path):
    for (_, image), offset in zip(parts, offsets):
        copy(image, path, offset * MIB)
        os.unlink(image)


def convert(raw, kind, path):
    options = {
        "qcow2": ["-O", "qcow2"],
        "qcow2Compressed": ["-O", "qcow2", "-c"],
        "qcow2Version2": ["-O", "qcow2", "-o", "compat=0.10"],
        "vmdk": ["-O", "vmdk"],
        "vmdkStream": ["-O", "vmdk", "-o", "subformat=streamOptimized"],
        "vdi": ["-O", "vdi"],
        "vhd": ["-O", "vpc", "-o", "force_size=on"],
        "vhdx": ["-O", "vhdx"],
    }
    if kind == "raw":
        os.rename(raw, path)
    else:
        command("qemu-img", "convert", "-f", "raw", *options[kind], raw, path)
        os.unlink(raw)
