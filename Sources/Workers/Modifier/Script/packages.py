# SPDX-License-Identifier: Apache-2.0
"""What to tell the guest's package manager, as scripts for /bin/sh. Names are checked by the request's
rules, and quoted all the same."""
import shlex

from guest import Fault

APT = "apt-get -q -y -o Dpkg::Options::=--force-confnew -o Dpkg::Use-Pty=0"
# Daemons of fresh packages are not started (https://people.debian.org/~hmh/invokerc.d-policyrc.d).
DEBIAN = """set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ -d /usr/sbin ] && [ ! -e $policy ] && [ ! -L $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > $policy
    chmod 755 $policy
fi
"""

# By libguestfs's name of the manager: install by name, install files, update.
COMMANDS = {
    "apt": (
        f"{DEBIAN}{APT} update\n{APT} install -- {{}}",
        f"{DEBIAN}{APT} install -- {{}}",
        f"{DEBIAN}{APT} update\n{APT} dist-upgrade"),
    "apk": (
        "set -e\napk --no-progress update\napk --no-progress add -- {}",
        # The request names their bytes, which is more than a signature of some key.
        "apk --no-progress --no-network --allow-untrusted add -- {}",
        "set -e\napk --no-progress update\napk --no-progress upgrade"),
    "dnf": (
        "dnf -y install -- {}", "dnf -y --disablerepo='*' --nogpgcheck install -- {}",
        "dnf -y upgrade"),
    "yum": (
        "yum -y install -- {}", "yum -y --disablerepo='*' --nogpgcheck localinstall -- {}",
        "yum -y update"),
    "zypper": (
        "zypper -n install -l -- {}",
        "zypper -n --no-refresh install -l --allow-unsigned-rpm -- {}", "zypper -n update -l"),
    "pacman": (
        "pacman -Sy --noconfirm -- {}", "pacman -U --noconfirm -- {}", "pacman -Syu --noconfirm"),
}


def commands(guest):
    manager = guest.handle.inspect_get_package_management(guest.root)
    if manager not in COMMANDS:
        raise Fault(f"the guest has no package manager that is known here (found: {manager})")
    return COMMANDS[manager]


def install(guest, names):
    by_name, by_file, _ = commands(guest)
    template = by_file if names[0].startswith("/") else by_name
    return template.format(" ".join(shlex.quote(name) for name in names)) + "\n"


def update(guest):
    return commands(guest)[2] + "\n"
