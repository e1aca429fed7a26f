# SPDX-License-Identifier: Apache-2.0
"""Debian of Debian's own packages, made with mmdebstrap once and kept in the cache as a tar."""
import fcntl
import hashlib
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SETUP = os.path.join(HERE, "debian_setup.sh")
RELEASE = "bookworm"
TIME = 1_795_132_800
PACKAGES = [
    "systemd-sysv", "udev", "kmod", "e2fsprogs", "openssh-server", "ca-certificates",
    "initramfs-tools", "linux-image-cloud-amd64", "grub-common", "grub-pc-bin",
]
# Nobody reads them in these guests.
LEFT_OUT = ["doc", "info", "locale", "man"]


def arguments():
    options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    return [
        "--variant=minbase", "--include=" + ",".join(PACKAGES), *options,
        # A guest's settings do not say how it was made.
        "--customize-hook=rm \"$1\"/etc/dpkg/dpkg.cfg.d/99mmdebstrap",
        f"--customize-hook=sh {SETUP} \"$1\""]


def archive(cache):
    """Names the tar by what it is made of."""
    with open(SETUP, "rb") as script:
        recipe = script.read() + "\n".join(PACKAGES + LEFT_OUT).encode()
    return os.path.join(cache, f"{RELEASE}-{hashlib.sha256(recipe).hexdigest()[:16]}.tar")


def sources():
    """The archives of the release that this machine's apt knows, for apt's own list."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format",
         "deb $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", "Origin: Debian"],
        check=True, text=True, capture_output=True).stdout
    suites = (RELEASE, RELEASE + "-updates", RELEASE + "-security")
    found = {line for line in lines.splitlines() if line.split()[2] in suites}
    if not found:
        raise SystemExit(f"apt knows no archive of {RELEASE}: run apt-get update first")
    return "".join(line + "\n" for line in sorted(found))


def prepare(cache):
    """Makes the tar unless it is there."""
    path = archive(cache)
    with open(os.path.join(cache, "debian.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path):
            os.utime(path)
            return
        part = f"{path}.{os.getpid()}.tar"
        # It tidies up when this process is killed.
        subprocess.run(
            ["setpriv", "--pdeathsig", "TERM", "--", "mmdebstrap", *arguments(),
             RELEASE, part, "-"],
            check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            input=sources(), env=dict(os.environ, SOURCE_DATE_EPOCH=str(TIME)))
        os.rename(part, path)


def unpack(root, cache):
    subprocess.run(
        ["tar", "--numeric-owner", "-xpf", archive(cache), "-C", root], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
