# SPDX-License-Identifier: Apache-2.0
"""Makes rpm's database of two packages: rpm_database.py sqlite|wal|berkeley|ndb FOLDER"""
import os
import shutil
import sqlite3
import struct
import sys

PAGE = 4096


def header(name, version, release, epoch, source, files):
    """One package's header as rpm keeps it; of many files, for it to be large."""
    folders = sorted({os.path.dirname(path) + "/" for path in files})
    tags = [
        (1000, 6, [name]), (1001, 6, [version]), (1002, 6, [release]), (1022, 6, ["x86_64"]),
        (1044, 6, [source]), (1118, 8, folders),
        (1117, 8, [os.path.basename(path) for path in files]),
        (1116, 4, [folders.index(os.path.dirname(path) + "/") for path in files]),
    ]
    if epoch is not None:
        tags.append((1003, 4, [epoch]))
    index = data = b""
    for tag, kind, values in sorted(tags):
        if kind == 4:
            data += bytes(-len(data) % 4)
        index += struct.pack(">IIII", tag, kind, len(data), len(values))
        for value in values:
            data += struct.pack(">I", value) if kind == 4 else value.encode() + b"\0"
    return struct.pack(">II", len(tags), len(data)) + index + data


PACKAGES = [
    header("util-linux", "2.40", "1.el10", None, "util-linux-2.40-1.el10.src.rpm",
           ["/usr/bin/su", "/usr/bin/mount"]),
    header("vim", "9.1", "3", 2, "vim-9.1-3.src.rpm",
           [f"/usr/share/vim/syntax/file{number}.vim" for number in range(1500)]),
    header("gpg-pubkey", "fd431d51", "4ae0493b", None, "", []),
]


def make_sqlite(folder, has_log):
    path = f"{folder}/work.sqlite"
    database = sqlite3.connect(path)
    if has_log:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    for number, blob in enumerate(PACKAGES, 1):
        database.execute("INSERT INTO Packages VALUES (?, ?)", (number, blob))
        database.commit()
    shutil.copy(path, f"{folder}/rpmdb.sqlite")
    if has_log:
        shutil.copy(path + "-wal", f"{folder}/rpmdb.sqlite-wal")
    database.close()
    os.remove(path)


def page(number, kind, following=0, entries=0, used=0):
    return struct.pack("<QIIIHHBB", 0, number, 0, following, entries, used, 0, kind)


def make_berkeley(folder):
    """A hash of one bucket, its values in chains of overflow pages."""
    pages = [b"", b""]
    items = []
    for key, blob in enumerate([b"\0\0\0\7"] + PACKAGES):
        if key == 0:
            # The record of the last number given, which is small.
            items += [b"\1" + struct.pack("<I", 0), b"\1" + blob]
            continue
        items += [b"\1" + struct.pack("<I", key),
                  b"\3\0\0\0" + struct.pack("<II", len(pages), len(blob))]
        parts = [blob[at : at + PAGE - 26] for at in range(0, len(blob), PAGE - 26)]
        for index, part in enumerate(parts):
            following = len(pages) + 1 if index + 1 < len(parts) else 0
            pages.append((page(len(pages), 7, following, 1, len(part)) + part).ljust(PAGE, b"\0"))
    places, end = b"", PAGE
    body = b""
    for item in items:
        end -= len(item)
        body = item + body
        places += struct.pack("<H", end)
    head = page(1, 13, 0, len(items), end) + places
    pages[1] = head.ljust(PAGE - len(body), b"\0") + body
    meta = page(0, 8)[:12] + struct.pack("<III", 0x061561, 9, PAGE) + b"\0\x08"
    pages[0] = meta.ljust(PAGE, b"\0")
    with open(f"{folder}/Packages", "wb") as file:
        file.write(b"".join(pages))


def make_ndb(folder):
    slots = struct.pack("<IIIIIIII", 0x506D7052, 0, 1, 1, 4, 0, 0, 0)
    blobs = b""
    for number, blob in enumerate(PACKAGES, 1):
        count = -(-(16 + len(blob) + 12) // 16)
        slots += struct.pack("<IIII", 0x746F6C53, number, (PAGE + len(blobs)) // 16, count)
        blobs += (struct.pack("<IIII", 0x53626C42, number, 1, len(blob)) + blob).ljust(
            count * 16, b"\0")
    while len(slots) < PAGE:
        slots += struct.pack("<IIII", 0x746F6C53, 0, 0, 0)
    with open(f"{folder}/Packages.db", "wb") as file:
        file.write(slots + blobs)


kind, folder = sys.argv[1:]
if kind == "berkeley":
    make_berkeley(folder)
elif kind == "ndb":
    make_ndb(folder)
else:
    make_sqlite(folder, kind == "wal")
