# SPDX-License-Identifier: Apache-2.0
"""The modifications, each a function of the guest and the step. No value reaches a shell but as a
file's content or quoted by shlex."""
import os
import shlex

from guest import Fault
import accounts
import growth
import packages

OUTPUT_MAX = 8192
DEFAULT_MODE = "0644"


def apply(guest, step):
    operation, = set(step) & set(OPERATIONS)
    OPERATIONS[operation](guest, step[operation], step)


def put(guest, path, source, mode):
    """Writes a file of root's; the folders above it are made."""
    handle = guest.handle
    handle.mkdir_p(os.path.dirname(path))
    if handle.is_dir(path, followsymlinks=True):
        raise Fault(f"{path} is a folder")
    handle.upload(source, path)
    handle.chown(0, 0, path)
    # Last, as a change of owner clears setuid.
    handle.chmod(int(mode or DEFAULT_MODE, 8), path)


def write(guest, what, step):
    put(guest, what["path"], step["file"], what.get("mode"))


def remove(guest, what, step):
    guest.handle.rm_rf(what["path"])


def run(guest, what, step):
    guest.require_same_machine()
    script = what["script"]
    interpreter = "" if script.startswith("#!") else "/bin/sh "
    in_guest(guest, lambda folder: f"{interpreter}{folder}/run", script, "the script")


def in_guest(guest, command, script, name):
    """Runs a command in the guest's system.

    `command` makes it from the path of a folder that holds the script as `run`."""
    handle = guest.handle
    parent = "/tmp" if handle.is_dir("/tmp", followsymlinks=True) else "/"
    folder = handle.mkdtemp(os.path.join(parent, ".imprimatur-XXXXXX"))
    try:
        handle.write(f"{folder}/run", script.encode())
        handle.chmod(0o700, f"{folder}/run")
        # The appliance's own environment is libguestfs's; what a script finds is fixed here.
        status = handle.sh(
            "cd / && export HOME=/root USER=root LOGNAME=root SHELL=/bin/sh LC_ALL=C "
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; "
            f"{command(shlex.quote(folder))} </dev/null >{shlex.quote(folder)}/output 2>&1; "
            "echo $?").strip()
        output = tail(handle, f"{folder}/output")
    except RuntimeError as error:
        raise Fault(f"{name} could not be run: {error}") from error
    finally:
        try:
            handle.rm_rf(folder)
        except RuntimeError:
            pass  # the appliance is gone, and what failed before says so
    if status != "0":
        raise Fault(f"{name} ended with status {status}", output)


def tail(handle, path):
    start = max(0, handle.filesize(path) - OUTPUT_MAX)
    return handle.pread(path, OUTPUT_MAX, start).decode("utf-8", "replace")


def install(guest, what, step):
    guest.require_same_machine()
    command = packages.install(guest, what["packages"])
    in_guest(guest, lambda folder: f"/bin/sh {folder}/run", command, "the package manager")


def update(guest, what, step):
    guest.require_same_machine()
    command = packages.update(guest)
    in_guest(guest, lambda folder: f"/bin/sh {folder}/run", command, "the package manager")


OPERATIONS = {
    "write": write, "upload": write, "remove": remove, "run": run,
    "password": lambda guest, what, step: accounts.password(guest.handle, what),
    "sshKey": lambda guest, what, step: accounts.ssh_key(guest.handle, what),
    "install": install, "update": update,
    "resize": lambda guest, what, step: growth.grow(guest),
}
