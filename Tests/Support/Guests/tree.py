# SPDX-License-Identifier: Apache-2.0
"""Lays out a guest's files in a folder."""
import base64
import os
import shutil

import debian

# What folders bear that nobody described.
TIME = 1_795_132_800


def inside(root, path):
    if not path.startswith("/") or ".." in path.split("/"):
        raise SystemExit(f"not a path in a guest: {path}")
    return root + path


def folders(root, path, made):
    """Makes the folders of a path that are missing."""
    parts = path.strip("/").split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        folder = "/" + "/".join(parts[:depth])
        if not os.path.lexists(inside(root, folder)):
            os.mkdir(inside(root, folder))
            made[folder] = {"mode": 0o755, "uid": 0, "gid": 0, "modified": TIME}


def place(root, path, entry, made):
    target = inside(root, path)
    kind = entry["kind"]
    if kind == "absent":
        if os.path.isdir(target) and not os.path.islink(target):
            shutil.rmtree(target)
        elif os.path.lexists(target):
            os.unlink(target)
        return
    folders(root, path, made)
    if kind == "directory":
        os.makedirs(target, exist_ok=True)
    elif kind == "link":
        if os.path.lexists(target):
            os.unlink(target)
        os.symlink(entry["target"], target)
    else:
        content = base64.b64decode(entry["content"])
        if kind == "appendix":
            # The file keeps whose it is.
            with open(target, "ab") as file:
                file.write(content)
            os.utime(target, (TIME, TIME))
            return
        if os.path.lexists(target):
            os.unlink(target)
        with open(target, "wb") as file:
            file.write(content)
    made[path] = entry


def stage(wanted, root, cache):
    """Fills the folder `root`; returns each described path's rights and times, for the file
    systems whose tools do not take them from the folder; None for a tree with a base."""
    base = wanted.get("base")
    if base == "debian":
        debian.unpack(root, cache)
    made = {}
    for path, entry in sorted(wanted["entries"].items()):
        place(root, path, entry, made)
    # Innermost first, as making something in a folder changes the folder's time.
    for path, entry in sorted(made.items(), reverse=True):
        target = inside(root, path)
        os.chown(target, entry["uid"], entry["gid"], follow_symlinks=False)
        if not os.path.islink(target):
            os.chmod(target, entry["mode"])
        os.utime(target, (entry["modified"],) * 2, follow_symlinks=False)
    os.utime(root, (TIME, TIME))
    return None if base else made
