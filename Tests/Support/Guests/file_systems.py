# SPDX-License-Identifier: Apache-2.0
"""Writes a folder as a file system into a file, without mounting it."""
import os
import subprocess

import tree

UUID = "6b1f5c2e-52a7-4d6e-9c3b-0f8a7d21e4b5"
# What each needs at least, in MiB: XFS makes nothing smaller.
LEAST = {"ext4": 32, "xfs": 300, "btrfs": 160, "btrfsSubvolume": 160}

# How much of a file is copied at once.
PIECE = 1 << 20


def command(*arguments, **options):
    subprocess.run(
        arguments, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        **options)


def copy(source, target, offset):
    """Writes one file into another, without what is only holes."""
    with open(source, "rb") as reader, open(target, "r+b") as writer:
        end = reader.seek(0, os.SEEK_END)
        position = 0
        while position < end:
            try:
                position = os.lseek(reader.fileno(), position, os.SEEK_DATA)
            except OSError:
                return  # only holes are left
            hole = os.lseek(reader.fileno(), position, os.SEEK_HOLE)
            while position < hole:
                data = os.pread(reader.fileno(), min(hole - position, PIECE), position)
                os.pwrite(writer.fileno(), data, offset + position)
                position += len(data)


def make(wanted, root, facts, path):
    kind = wanted["fileSystem"]
    size = (wanted.get("mebibytes") or LEAST[kind]) << 20
    with open(path, "wb") as file:
        file.truncate(size)
    if kind == "ext4":
        ext4(root, facts, path)
    elif kind == "xfs":
        xfs(root, facts, path)
    elif kind == "btrfs":
        # With a UUID of its own: two of the same cannot be used on one machine.
        command("mkfs.btrfs", "-q", "-L", "root", "--rootdir", root, path)
    else:
        btrfs_subvolume(root, path)


def ext4(root, facts, path):
    command(
        "mke2fs", "-q", "-t", "ext4", "-L", "root", "-U", UUID, "-d", root,
        "-E", f"hash_seed={UUID},root_owner=0:0", "-F", path,
        env=dict(os.environ, E2FSPROGS_FAKE_TIME=str(tree.TIME)))
    if facts is None:
        return
    # mke2fs keeps the time at which our copies were made.
    script = "".join(
        f'sif "{name}" ctime @{tree.TIME}\n' for name in ["/"] + sorted(facts))
    command(
        "debugfs", "-w", "-f", "/dev/stdin", path, input=script,
        env=dict(os.environ, E2FSPROGS_FAKE_TIME=str(tree.TIME)))


def xfs(root, facts, path):
    """By a prototype, which names each file; what it cannot say, xfs_db writes afterwards."""
    if facts is None:
        raise SystemExit("XFS is for trees without a base")
    prototype = path + ".proto"
    with open(prototype, "w", encoding="utf-8") as file:
        file.write("/\n0 0\nd--755 0 0\n")
        describe(root, "", facts, file)
        file.write("$\n")
    command(
        "mkfs.xfs", "-q", "-f", "-L", "root", "-m", f"uuid={UUID}", "-p", prototype, path)
    script = []
    root_facts = {"mode": 0o755, "modified": tree.TIME}
    for name, entry in [("/", root_facts)] + sorted(facts.items()):
        script.append(f"path {name}")
        if name == "/" or os.path.isdir(root + name) and not os.path.islink(root + name):
            # A prototype knows no sticky bit.
            script.append(f"write core.mode 0{0o040000 | entry['mode']:o}")
        script += times(entry["modified"])
    # The file system's own two files.
    for field in ("rbmino", "rsumino"):
        script += ["sb 0", f"addr {field}"] + times(tree.TIME)
    command("xfs_db", "-x", path, input="\n".join(script) + "\n")


def times(modified):
    fields = [("core.mtime", modified)]
    fields += [(name, tree.TIME) for name in ("core.ctime", "core.atime", "v3.crtime")]
    # Nanoseconds since 1901, where the file system keeps times beyond 2038.
    return [f"write {name}.sec {(second + (1 << 31)) * 10**9}" for name, second in fields]


def describe(root, folder, facts, file):
    for name in sorted(os.listdir(root + folder + "/")):
        path = f"{folder}/{name}"
        entry = facts[path]
        mode = entry["mode"]
        rights = ("u" if mode & 0o4000 else "-") + ("g" if mode & 0o2000 else "-")
        rights += f"{mode & 0o777:03o} {entry['uid']} {entry['gid']}"
        if os.path.islink(root + path):
            file.write(f"{name} l{rights} {os.readlink(root + path)}\n")
        elif os.path.isdir(root + path):
            file.write(f"{name} d{rights}\n")
            describe(root, path, facts, file)
            file.write("$\n")
        else:
            file.write(f"{name} -{rights} {root}{path}\n")


def btrfs_subvolume(root, path):
    command("mkfs.btrfs", "-q", "-L", "root", path)
    place = path + ".mounted"
    os.mkdir(place)
    command("mount", "-t", "btrfs", "-o", "loop,compress-force=zstd", path, place)
    try:
        command("btrfs", "subvolume", "create", place + "/root")
        command("cp", "-a", root + "/.", place + "/root/")
    finally:
        command("umount", place)
