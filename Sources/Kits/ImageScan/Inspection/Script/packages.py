# SPDX-License-Identifier: Apache-2.0
"""The guest's own package database: what is installed, and whose a file is."""
import re

import rpm_database
from results import text

STATUS_BYTES_MAX = 128 << 20
LIST_BYTES_MAX = 32 << 20
LISTS_MAX = 50_000
PACKAGES_MAX = 50_000
# Folders that are links into /usr where the two were merged.
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")

DPKG = "/var/lib/dpkg"
APK = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")


class Database:
    """`owners(paths)` gives the packages' names by path."""

    def __init__(self, manager, installed, modified, owners):
        self.manager = manager
        self.installed = installed[:PACKAGES_MAX]
        self.modified = modified
        self.owners = owners

    def value(self):
        return {
            "manager": self.manager, "installed": self.installed, "modified": self.modified}


def read_database(guest, problems):
    """The first database that is there; None when there is none that is known."""
    found = [d for read in (_dpkg, _apk, _rpm) if (d := _guarded(read, guest, problems))]
    if len(found) > 1:
        others = " and ".join(database.manager for database in found[1:])
        problems.add(f"the guest has packages of {others}, too")
    if found and len(found[0].installed) == PACKAGES_MAX:
        problems.add("the guest has more packages than are read")
    return found[0] if found else None


def _guarded(read, guest, problems):
    try:
        return read(guest, problems)
    except Exception as error:
        problems.failed("the package database", error)
        return None


def _value(name, version, architecture, source=None):
    value = {"name": text(name), "version": text(version), "architecture": text(architecture)}
    if source:
        value["source"] = text(source)
    return value


def _text(content):
    return content.decode("utf-8", "surrogateescape")


def names_of(path):
    """A path, and what it was called before /bin and the like became links into /usr."""
    names = [path]
    for folder in MERGED:
        if path.startswith(f"/usr/{folder}/"):
            names.append(path[4:])
        elif path.startswith(f"/{folder}/"):
            names.append("/usr" + path)
    return names


# --- dpkg --------------------------------------------------------------------------------------


def _dpkg(guest, problems):
    places = [guest.find(f"{DPKG}/status")]
    folder = guest.find(f"{DPKG}/status.d")
    if folder is not None and folder.stat.kind == "directory":
        # Images without a shell have a file for each package instead.
        places += [
            place for name, place in list(guest.children(folder).items())[:PACKAGES_MAX]
            if not name.endswith(".md5sums")
        ]
    places = [p for p in places if p is not None and p.stat.kind == "file"]
    if not places:
        return None
    installed = []
    for place in places:
        if place.stat.size > STATUS_BYTES_MAX:
            problems.add(f"{place.path} is too large")
            continue
        installed += _stanzas(_text(place.read(STATUS_BYTES_MAX)))
    modified = max(place.stat.modified for place in places)
    return Database("dpkg", installed, modified, lambda paths: _dpkg_owners(guest, paths, problems))


def _stanzas(content):
    for stanza in re.split(r"\n[ \t]*\n", content):
        fields = {}
        for line in stanza.split("\n"):
            name, colon, value = line.partition(":")
            if colon and not line.startswith((" ", "\t")):
                fields.setdefault(name.lower(), value.strip())
        status = fields.get("status", "install ok installed").split()
        if "package" in fields and "version" in fields and status[-1:] == ["installed"]:
            source = fields.get("source", "")
            yield _value(
                fields["package"], fields["version"], fields.get("architecture", ""), source)


def _dpkg_owners(guest, paths, problems):
    wanted = {name.encode("utf-8", "surrogateescape"): path
              for path in paths for name in names_of(path)}
    owners = {}
    folder = guest.find(f"{DPKG}/info")
    lists = list(guest.children(folder).items()) if folder else []
    for name, place in lists[:LISTS_MAX]:
        if not name.endswith(".list") or place.stat.kind != "file":
            continue
        if place.stat.size > LIST_BYTES_MAX:
            problems.add(f"{place.path} is too large")
            continue
        for line in wanted.keys() & set(place.read(LIST_BYTES_MAX).split(b"\n")):
            owners.setdefault(wanted[line], name[:-5].split(":")[0])
    return owners


# --- apk ---------------------------------------------------------------------------------------


def _apk(guest, problems):
    place = next((p for p in map(guest.find, APK) if p is not None), None)
    if place is None or place.stat.kind != "file":
        return None
    if place.stat.size > STATUS_BYTES_MAX:
        problems.add(f"{place.path} is too large")
        return None
    content = _text(place.read(STATUS_BYTES_MAX))
    installed = []
    for stanza in content.split("\n\n"):
        fields = {}
        for line in stanza.split("\n"):
            fields.setdefault(line[:2], line[2:])
        if "P:" in fields and "V:" in fields:
            installed.append(
                _value(fields["P:"], fields["V:"], fields.get("A:", ""), fields.get("o:")))
    return Database(
        "apk", installed, place.stat.modified, lambda paths: _apk_owners(content, paths))


def _apk_owners(content, paths):
    wanted = {name: path for path in paths for name in names_of(path)}
    owners = {}
    package = folder = ""
    for line in content.split("\n"):
        kind, value = line[:2], line[2:]
        if kind == "P:":
            package = value
        elif kind == "F:":
            folder = "/" + value if value else ""
        elif kind == "R:" and f"{folder}/{value}" in wanted:
            owners.setdefault(wanted[f"{folder}/{value}"], package)
    return owners


# --- rpm ---------------------------------------------------------------------------------------


def _rpm(guest, problems):
    content, modified = rpm_database.read(guest, problems)
    if content is None:
        return None
    headers = [h for h in map(rpm_database.Header, content) if h.name != "gpg-pubkey"]
    installed = [_value(h.name, h.full_version, h.architecture, h.source) for h in headers]
    return Database("rpm", installed, modified, lambda paths: _rpm_owners(headers, paths))


def _rpm_owners(headers, paths):
    wanted = {name: path for path in paths for name in names_of(path)}
    owners = {}
    for header in headers:
        for path in header.files():
            if path in wanted:
                owners.setdefault(wanted[path], header.name)
    return owners
