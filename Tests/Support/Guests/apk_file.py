#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes an unsigned Alpine package of one file and prints nothing.

usage: apk_file.py OUTPUT NAME PATH TEXT
"""
import gzip
import hashlib
import io
import sys
import tarfile

TIME = 1_795_132_800


def archive(members, is_end):
    """A tar archive in gzip; without its end when another follows (apk's format, version 2)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, TIME
            if name.endswith("/"):
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            member.uname = member.gname = "root"
            # Where apk finds the digest of each file.
            if is_end and content:
                member.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(content).hexdigest()}
            tar.addfile(member, io.BytesIO(content))
        length = buffer.tell()
    data = buffer.getvalue() if is_end else buffer.getvalue()[:length]
    return gzip.compress(data, mtime=0)


def main():
    output, name, path, text = sys.argv[1:]
    parts = path.strip("/").split("/")
    folders = [("/".join(parts[:depth]) + "/", b"") for depth in range(1, len(parts))]
    data = archive(folders + [("/".join(parts), text.encode())], True)
    info = f"""pkgname = {name}
pkgver = 1.0-r0
pkgdesc = A package of the tests
arch = noarch
size = {len(text)}
datahash = {hashlib.sha256(data).hexdigest()}
"""
    with open(output, "wb") as file:
        file.write(archive([(".PKGINFO", info.encode())], False) + data)


main()
