#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a disk image of a recipe, unless the cache has it, and prints its path.

usage: guest_image.py RECIPE.json CACHE

The recipe is GuestImage of TestSupport as JSON. Needs no rights: what only root may do to files is
done under fakeroot. No file system is mounted, but for a btrfs subvolume.
"""
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# The work tree stays as it is.
sys.dont_write_bytecode = True
import debian  # noqa: E402
import disk  # noqa: E402
import file_systems  # noqa: E402
import logical_volumes  # noqa: E402
import tree  # noqa: E402

# What nobody asked for in this time leaves the cache.
CACHE_DAYS = 7


def key(recipe):
    """Names the image by all that it is made of."""
    digest = hashlib.sha256(debian.archive("").encode())
    for module in (disk, file_systems, logical_volumes, tree):
        with open(module.__file__, "rb") as source:
            digest.update(source.read())
    digest.update(json.dumps(recipe, sort_keys=True).encode())
    return digest.hexdigest()[:32]


def tidy(cache):
    """Removes what nobody asked for lately, and what a killed process left."""
    oldest = time.time() - CACHE_DAYS * 86_400
    for name in os.listdir(cache):
        path = os.path.join(cache, name)
        try:
            if os.stat(path).st_mtime >= oldest:
                continue
            if name.startswith("building-"):
                shutil.rmtree(path, ignore_errors=True)
            elif name.startswith("image-") or name.endswith(".tar"):
                os.unlink(path)
        except FileNotFoundError:
            pass  # another process was faster


def make(recipe, cache, work):
    wanted = recipe["disk"]
    root = os.path.join(work, "root")
    os.mkdir(root, 0o755)
    facts = tree.stage(recipe["tree"], root, cache)
    file_system = os.path.join(work, "root.img")
    file_systems.make(wanted, root, facts, file_system)
    raw = os.path.join(work, "disk.raw")
    loader = os.path.join(root, "boot/grub/i386-pc")
    disk.assemble(wanted, file_system, loader, raw, work)
    image = os.path.join(work, "image")
    disk.convert(raw, wanted["format"], image)
    return image


def main():
    path, cache = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        recipe = json.load(file)
    # What root may do anyway needs no fakeroot, which is slower and mounts nothing.
    if os.geteuid() != 0:
        if recipe["tree"].get("base") == "debian":
            debian.prepare(cache)
        os.execvp("fakeroot", ["fakeroot", sys.executable] + sys.argv)
    print(cached(recipe, cache))


def cached(recipe, cache):
    image = os.path.join(cache, "image-" + key(recipe))
    # The large ones one after the other, and none of them twice.
    name = "large.lock" if recipe["tree"].get("base") else os.devnull
    with open(os.path.join(cache, name), "w", encoding="ascii") as lock:
        if name != os.devnull:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(image):
            os.utime(image)
            return image
        if recipe["tree"].get("base") == "debian":
            debian.prepare(cache)
        tidy(cache)
        with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as work:
            os.rename(make(recipe, cache, work), image)
    return image


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stdout or ''}{error.stderr or ''}")
