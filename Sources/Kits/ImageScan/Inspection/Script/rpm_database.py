# SPDX-License-Identifier: Apache-2.0
"""rpm's databases: SQLite, Berkeley DB's hash and ndb; and the headers in them."""
import sqlite3
import struct

FOLDERS = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
DATABASE_BYTES_MAX = 512 << 20
HEADERS_MAX = 50_000
HEADER_BYTES_MAX = 64 << 20
TAGS_MAX = 1 << 16
FILES_MAX = 1_000_000

NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
SOURCE, OLD_FILE_NAMES, DIRECTORY_INDEXES, BASE_NAMES, DIRECTORIES = 1044, 1027, 1116, 1117, 1118
INT32, STRING, STRING_ARRAY, TRANSLATED = 4, 6, 8, 9


def read(guest, problems):
    """The headers of all packages, and when the database was changed; None without one."""
    for folder in FOLDERS:
        for name, parse in (
            ("rpmdb.sqlite", _sqlite), ("Packages.db", _ndb), ("Packages", _berkeley)
        ):
            place = guest.find(f"{folder}/{name}")
            if place is None or place.stat.kind != "file" or not place.stat.size:
                continue
            content = guest.read(f"{folder}/{name}", DATABASE_BYTES_MAX)
            if content is None:
                continue
            log = guest.find(f"{folder}/{name}-wal")
            modified = max(place.stat.modified, log.stat.modified if log else 0)
            more = guest.read(f"{folder}/{name}-wal", DATABASE_BYTES_MAX) or b""
            return list(_bounded(parse(content, more), problems)), modified
    return None, 0


def _bounded(headers, problems):
    for index, header in enumerate(headers):
        if index == HEADERS_MAX:
            problems.add("the rpm database has more packages than are read")
            return
        yield header


def _sqlite(content, log):
    content = bytearray(content)
    _apply(log, content)
    # It is read from memory, where there is no write-ahead log.
    content[18:20] = b"\1\1"
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(bytes(content))
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum"):
            if isinstance(blob, bytes):
                yield blob
    finally:
        connection.close()


def _apply(log, content):
    """Puts what a write-ahead log has committed into the database. sqlite.org/walformat.html"""
    if len(log) < 32 or log[:4] not in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"):
        return
    page_size, = struct.unpack_from(">I", log, 8)
    salts = log[16:24]
    if page_size < 512 or page_size > 65536:
        return
    pending = {}
    pages = {}
    size = 0
    for at in range(32, len(log) - page_size - 23, 24 + page_size):
        number, committed = struct.unpack_from(">II", log, at)
        if log[at + 8 : at + 16] != salts or not number:
            break
        pending[number] = at + 24
        if committed:
            pages.update(pending)
            pending, size = {}, committed
    if size:
        length = min(size * page_size, DATABASE_BYTES_MAX)
        content.extend(bytes(max(0, length - len(content))))
        for number, at in pages.items():
            if number * page_size <= len(content):
                content[(number - 1) * page_size : number * page_size] = log[at : at + page_size]


def _berkeley(content, _):
    """Berkeley DB's hash: pages with keys and values by turns, large values in a chain."""
    for order in "<>":
        magic, version, page_size = struct.unpack_from(order + "III", content, 12)
        if magic == 0x061561:
            break
    else:
        raise ValueError("no hash of Berkeley DB")
    if page_size < 512 or page_size > 65536:
        raise ValueError("impossible pages")
    for start in range(page_size, len(content) - page_size + 1, page_size):
        kind = content[start + 25]
        if kind not in (2, 13):
            continue
        count = min(struct.unpack_from(order + "H", content, start + 20)[0], page_size // 2 - 13)
        places = struct.unpack_from(f"{order}{count}H", content, start + 26)
        for place in places[1::2]:
            if place + 12 <= page_size and content[start + place] == 3:
                first, length = struct.unpack_from(order + "II", content, start + place + 4)
                yield _chain(content, order, page_size, first, length)


def _chain(content, order, page_size, number, length):
    parts = []
    total = 0
    while number and total < min(length, HEADER_BYTES_MAX):
        start = number * page_size
        if start + page_size > len(content) or content[start + 25] != 7:
            raise ValueError("a broken chain of pages")
        number, = struct.unpack_from(order + "I", content, start + 16)
        used, = struct.unpack_from(order + "H", content, start + 22)
        if not 0 < used <= page_size - 26:
            raise ValueError("a broken chain of pages")
        parts.append(content[start + 26 : start + 26 + used])
        total += used
    return b"".join(parts)[:length]


def _ndb(content, _):
    """rpm's own format: slots, each with the place of one package's blob in blocks of 16."""
    magic, version, _, pages = struct.unpack_from("<IIII", content, 0)
    if magic != 0x506D7052 or version:
        raise ValueError("no ndb")
    for at in range(32, min(pages * 4096, len(content) - 15), 16):
        magic, package, block, count = struct.unpack_from("<IIII", content, at)
        if magic != 0x746F6C53:
            raise ValueError("a broken slot")
        if not package:
            continue
        start = block * 16
        magic, number, _, length = struct.unpack_from("<IIII", content, start)
        if magic != 0x53626C42 or number != package or start + 16 + length > len(content):
            raise ValueError("a broken blob")
        yield content[start + 16 : start + 16 + length]


class Header:
    """One package's header: an index of tags, and their data."""

    def __init__(self, blob):
        count, length = struct.unpack_from(">II", blob, 0)
        data = 8 + 16 * count
        if count > TAGS_MAX or data + length > len(blob):
            raise ValueError("a broken rpm header")
        self._data = blob[data : data + length]
        self._tags = {}
        for index in range(count):
            tag, kind, offset, items = struct.unpack_from(">IIII", blob, 8 + 16 * index)
            self._tags.setdefault(tag, (kind, offset, items))
        self.name = self._string(NAME) or ""
        self.architecture = self._string(ARCHITECTURE) or ""
        self.source = self._string(SOURCE)
        epoch = next(iter(self._numbers(EPOCH)), None)
        release = f"{self._string(VERSION) or ''}-{self._string(RELEASE) or ''}"
        self.full_version = release if epoch is None else f"{epoch}:{release}"

    def _string(self, tag):
        return next(iter(self._strings(tag)), None)

    def _strings(self, tag):
        kind, offset, items = self._tags.get(tag, (None, 0, 0))
        if kind not in (STRING, STRING_ARRAY, TRANSLATED):
            return []
        items = 1 if kind == STRING else min(items, FILES_MAX)
        parts = self._data[offset:].split(b"\0", items)[:items]
        return [part.decode("utf-8", "surrogateescape") for part in parts]

    def _numbers(self, tag):
        kind, offset, items = self._tags.get(tag, (None, 0, 0))
        items = min(items, FILES_MAX)
        if kind != INT32 or offset + 4 * items > len(self._data):
            return ()
        return struct.unpack_from(f">{items}I", self._data, offset)

    def files(self):
        """The paths of all files, without the data they are made of being kept."""
        folders = self._strings(DIRECTORIES)
        for name, folder in zip(self._strings(BASE_NAMES), self._numbers(DIRECTORY_INDEXES)):
            if folder < len(folders):
                yield folders[folder] + name
        yield from self._strings(OLD_FILE_NAMES)
