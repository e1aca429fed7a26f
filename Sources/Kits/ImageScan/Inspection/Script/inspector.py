# SPDX-License-Identifier: Apache-2.0
"""Reads a disk image and writes what checks look at as one JSON document.

usage: inspector.main([QUERY]) with a JSON file such as
{"reader": "dissect", "format": "qcow2", "paths": [{"glob": "/etc/*", "contentBytesMax": 10}],
 "secondsMax": 60, "visitsMax": 1000, "entriesMax": 1000, "contentBytesMax": 1000, "clamd": null}

The image is standard input (for libguestfs a path, too). The exit code is 0 with facts on standard
output; 65 when the image cannot be read; 69 when something of ours is missing.
"""
import json
import os
import signal
import sys

import collecting
import guest as guests
import packages
from results import OutOfTime, Problems, Refused, Unavailable, one_line, text

UNREADABLE = 65
UNAVAILABLE = 69
DEPTH_MAX = 128


def main(query_path):
    """Ends the process."""
    try:
        with open(query_path, encoding="utf-8") as file:
            query = json.load(file)
        document = json.dumps(_answer(query), sort_keys=True, separators=(",", ":"))
        status, output, message = 0, document, ""
    except Unavailable as error:
        status, output, message = UNAVAILABLE, "", one_line(error)
    except Refused as error:
        status, output, message = UNREADABLE, "", one_line(error)
    except MemoryError:
        status, output, message = UNREADABLE, "", "the memory is not enough"
    except BaseException as error:
        status, output, message = UNREADABLE, "", one_line(f"{type(error).__name__}: {error}")
    try:
        sys.stdout.write(output)
        sys.stdout.flush()
        sys.stderr.write(message + "\n" if message else "")
        sys.stderr.flush()
    finally:
        # Whatever a module would do at the end, it is not needed.
        os._exit(status)


def _answer(query):
    if query.get("asksVersion"):
        reader = _reader_type(query["reader"])
        return {"name": query["reader"], "version": reader.version()}
    return _Inspection(query).facts()


def _reader_type(name):
    try:
        if name == "dissect":
            import dissect_reader
            return dissect_reader
        import guestfs_reader
        return guestfs_reader
    except ImportError as error:
        raise Unavailable(f"no module for {name}: {error}") from error


class _Inspection:
    def __init__(self, query):
        self._query = query
        self._problems = Problems()
        self._budget = collecting.Budget(
            query["visitsMax"], query["entriesMax"], query["contentBytesMax"])
        self._entries = collecting.Entries(self._problems, self._budget)
        self._clamd = None
        self._volumes = []
        self._root = None
        self._packages = None
        self._is_complete = True

    def facts(self):
        signal.signal(signal.SIGALRM, _end)
        signal.setitimer(signal.ITIMER_REAL, self._query["secondsMax"])
        if self._query.get("clamd"):
            import malware
            self._clamd = malware.Clamd(self._query["clamd"], self._problems)
        try:
            reader = _reader_type(self._query["reader"]).open_image(self._query, self._problems)
            self._volumes = reader.volumes()
        except OutOfTime as error:
            raise Refused("its partitions alone take too long to read") from error
        try:
            self._collect(reader)
        except (OutOfTime, collecting.Exhausted):
            self._is_complete = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return self._value(reader)

    def _collect(self, reader):
        guest, self._root = guests.open_guest(
            reader, self._volumes, self._problems, self._budget)
        if guest is None:
            self._problems.add("no volume holds a guest's root that can be read")
            return
        patterns = self._query["paths"]
        collecting.collect_asked(guest, patterns, self._entries, self._problems, self._budget)
        self._packages = packages.read_database(guest, self._problems)
        walk = collecting.Walk(
            guest, self._entries, self._problems, self._budget, patterns, DEPTH_MAX)
        walk.run(self._clamd.show if self._clamd else lambda place: None)
        self._name_owners()

    def _name_owners(self):
        files = self._entries.setuid_files()
        if not files or self._packages is None:
            return
        try:
            owners = self._packages.owners([entry["path"] for entry in files])
        except Exception as error:
            self._problems.failed("the packages' files", error)
            return
        for entry in files:
            if entry["path"] in owners:
                entry["package"] = text(owners[entry["path"]])

    def _value(self, reader):
        value = {
            "inspector": {"name": reader.name, "version": reader.version},
            "disk": {"size": reader.size, "scheme": reader.scheme},
            "volumes": [_volume_value(volume) for volume in self._volumes],
            "entries": self._entries.sorted(),
            "malware": self._clamd.found if self._clamd else [],
            "isComplete": self._is_complete and not self._budget.is_exhausted,
            "problems": self._problems.lines(),
        }
        if self._root is not None:
            value["root"] = self._volumes.index(self._root)
        if self._packages is not None:
            value["packages"] = self._packages.value()
        return value


def _volume_value(volume):
    value = {
        "name": text(volume.name), "offset": volume.offset, "size": volume.size,
        "content": volume.content, "mountPoint": volume.mount_point,
    }
    return {key: item for key, item in value.items() if item is not None}


def _end(number, frame):
    raise OutOfTime()
