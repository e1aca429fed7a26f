# SPDX-License-Identifier: Apache-2.0
"""A guest's disk, opened in libguestfs's appliance."""
import platform

import guestfs

MACHINES = {"x86_64": {"x86_64", "i386"}, "aarch64": {"aarch64"}}


class Fault(Exception):
    """The image, or what is asked of it, is at fault."""

    def __init__(self, message, output=""):
        super().__init__(message)
        self.output = output


class Guest:
    def __init__(self, plan):
        self.plan = plan
        self.is_launched = False
        self.root = None
        self.handle = guestfs.GuestFS(python_return_dict=True, close_on_exit=False)

    def open(self):
        """Starts the appliance and mounts the system as its own fstab says."""
        handle = self.handle
        handle.set_backend("direct")
        if not self.plan["uses_kvm"]:
            handle.set_backend_settings(["force_tcg"])
        handle.set_memsize(self.plan["memory_mebibytes"])
        handle.set_network(self.plan["uses_network"])
        # Never probed; data reach the file when it is closed.
        handle.add_drive_opts(
            self.plan["disk"], format=self.plan["format"], readonly=False, discard="besteffort")
        handle.launch()
        self.is_launched = True
        roots = handle.inspect_os()
        if len(roots) != 1:
            found = "no operating system" if not roots else f"{len(roots)} operating systems"
            raise Fault(f"{found} found in the image; there has to be one that libguestfs knows")
        self.root = roots[0]
        self.mount()

    def mount(self):
        points = self.handle.inspect_get_mountpoints(self.root)
        for point in sorted(points, key=len):
            try:
                self.handle.mount(points[point], point)
            except RuntimeError as error:
                if point == "/":
                    raise Fault(f"the root file system cannot be mounted: {error}") from error
                # Of the others some may be elsewhere; who writes there finds it not mounted.

    def close(self):
        self.relabel_at_start()
        self.handle.umount_all()
        self.handle.shutdown()
        self.handle.close()

    def relabel_at_start(self):
        """New files have no SELinux label; a guest that wants labels sets them when it starts."""
        path = "/etc/selinux/config"
        if not self.handle.is_file(path, followsymlinks=True):
            return
        lines = self.handle.read_file(path).decode("utf-8", "replace").splitlines()
        modes = [line.split("=")[1].strip() for line in lines if line.startswith("SELINUX=")]
        if modes[-1:] in (["enforcing"], ["permissive"]):
            self.handle.touch("/.autorelabel")

    def require_same_machine(self):
        """Programs of the guest run on the appliance's processor."""
        of_guest = self.handle.inspect_get_arch(self.root)
        of_host = platform.machine()
        if of_guest not in MACHINES.get(of_host, {of_host}):
            raise Fault(f"programs of a guest for {of_guest} do not run on {of_host}")
