# SPDX-License-Identifier: Apache-2.0
"""Makes the root file system fill a disk that has become larger."""
from guest import Fault

SECTOR = 512
ALIGNMENT = 2048


def grow(guest):
    handle, root = guest.handle, guest.root
    device = handle.mountable_device(root)
    kind = handle.vfs_type(device)
    if kind not in ("ext2", "ext3", "ext4", "xfs", "btrfs"):
        raise Fault(f"a root file system of the type '{kind}' cannot be made larger")
    handle.umount_all()
    if is_logical(handle, device):
        grow_logical(handle, device)
    else:
        grow_partition(handle, device)
    grow_file_system(guest, device, kind)


def is_logical(handle, device):
    return handle.is_lv(device)


def grow_logical(handle, volume):
    """The only physical volume of the group, and the logical volume to all that is free then."""
    group = volume.split("/")[2]
    # One call writes dashes into them, the other does not.
    members = {identifier.replace("-", "") for identifier in handle.vgpvuuids(group)}
    devices = [
        member["pv_name"] for member in handle.pvs_full()
        if member["pv_uuid"].replace("-", "") in members]
    if len(devices) != 1:
        raise Fault(f"the volume group {group} lies on {len(devices)} partitions; it has to be 1")
    device = handle.canonical_device_name(devices[0])
    grow_partition(handle, device)
    handle.pvresize(device)
    handle.lvresize_free(volume, 100)


def grow_partition(handle, partition):
    """A whole disk needs nothing; a partition has to be the last one on the disk."""
    if partition in handle.list_devices():
        return
    disk = handle.part_to_dev(partition)
    number = handle.part_to_partnum(partition)
    table = handle.part_get_parttype(disk)
    partitions = handle.part_list(disk)
    mine, = [p for p in partitions if p["part_num"] == number]
    end = handle.blockdev_getsize64(disk) // SECTOR - 1
    if table == "gpt":
        handle.part_expand_gpt(disk)
        # The table's copy takes the last 33 sectors; sgdisk lets partitions end at a multiple of
        # 1 MiB before it.
        end = (end - 33) // ALIGNMENT * ALIGNMENT - 1
    outer = None
    for other in partitions:
        if other["part_start"] <= mine["part_start"]:
            continue
        raise Fault(f"the root file system's partition {number} is not the last one on the disk")
    if table == "msdos" and number > 4:
        outer, = [
            p["part_num"] for p in partitions
            if handle.part_get_mbr_part_type(disk, p["part_num"]) == "extended"]
    for part in [outer, number]:
        if part is not None:
            handle.part_resize(disk, part, end)


def grow_file_system(guest, device, kind):
    handle = guest.handle
    if kind in ("xfs", "btrfs"):
        guest.mount()
        if kind == "xfs":
            handle.xfs_growfs("/")
        else:
            handle.btrfs_filesystem_resize("/")
        return
    handle.e2fsck(device, correct=True)
    handle.resize2fs(device)
    guest.mount()
