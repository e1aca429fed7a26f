# SPDX-License-Identifier: Apache-2.0
"""Passwords and SSH keys. Files are edited in place, so that they keep owner, mode and labels."""
import os

from guest import Fault

# No account file is larger by far.
FILE_MAX = 4 << 20


def read(handle, path):
    if not handle.is_file(path, followsymlinks=True):
        return None
    if handle.filesize(path) > FILE_MAX:
        raise Fault(f"{path} is larger than {FILE_MAX} bytes")
    return handle.read_file(path)


def lines_of(text):
    return text.split(b"\n")


def account(handle, user):
    """The fields of the account's line in /etc/passwd."""
    for line in lines_of(read(handle, "/etc/passwd") or b""):
        fields = line.split(b":")
        if len(fields) >= 7 and fields[0] == user.encode():
            return fields
    raise Fault(f"the guest has no account {user}")


def password(handle, what):
    """Locks an account, without keeping a hash that could be guessed at, or sets the hash."""
    user = what["user"].encode()
    value = b"!" if what.get("locked") else what["hash"].encode()
    account(handle, what["user"])
    edit(handle, "/etc/passwd", user, b"x")
    if not edit(handle, "/etc/shadow", user, value):
        text = read(handle, "/etc/shadow") or b""
        if text and not text.endswith(b"\n"):
            text += b"\n"
        handle.write("/etc/shadow", text + b":".join([user, value] + [b""] * 7) + b"\n")
        if text == b"":
            handle.chmod(0o600, "/etc/shadow")


def edit(handle, path, user, value):
    """Sets the second field of each line of the user's; whether there was one."""
    lines = lines_of(read(handle, path) or b"")
    found = False
    changed = False
    for index, line in enumerate(lines):
        fields = line.split(b":")
        if len(fields) < 2 or fields[0] != user:
            continue
        found = True
        if fields[1] != value:
            fields[1] = value
            lines[index] = b":".join(fields)
            changed = True
    if changed:
        handle.write(path, b"\n".join(lines))
    return found


def ssh_key(handle, what):
    fields = account(handle, what["user"])
    home = fields[5].decode("utf-8", "surrogateescape")
    if not home.startswith("/") or not handle.is_dir(home, followsymlinks=True):
        raise Fault(f"the account {what['user']} has no home folder")
    path = os.path.join(home, ".ssh/authorized_keys")
    if "add" in what:
        add(handle, path, what["add"], int(fields[2]), int(fields[3]))
    else:
        take_away(handle, path, what["remove"])


def holds(line, key):
    """Whether a line of authorized_keys holds the key, whatever its options and comment."""
    words = line.split()
    if not words or words[0].startswith(b"#"):
        return False
    kind, data = key.encode().split()[:2]
    # With or without the filling at base64's end.
    wanted = (kind, data.rstrip(b"="))
    return any((word, after.rstrip(b"=")) == wanted for word, after in zip(words, words[1:]))


def add(handle, path, key, uid, gid):
    folder = os.path.dirname(path)
    if not handle.is_dir(folder, followsymlinks=True):
        handle.mkdir_mode(folder, 0o700)
        handle.chown(uid, gid, folder)
    text = read(handle, path)
    if text is not None and any(line == key.encode() for line in lines_of(text)):
        return
    before = text or b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    handle.write(path, before + key.encode() + b"\n")
    if text is None:
        handle.chown(uid, gid, path)
        handle.chmod(0o600, path)


def take_away(handle, path, key):
    text = read(handle, path)
    if text is None:
        return
    lines = lines_of(text)
    kept = [line for line in lines if not holds(line, key)]
    if len(kept) != len(lines):
        handle.write(path, b"\n".join(kept))
