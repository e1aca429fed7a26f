#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: debian_setup.sh ROOT
# Makes what mmdebstrap unpacked in ROOT an image's content: an account, a boot loader, and nothing
# left that belongs to one machine.
set -eu
root=$1

chroot "$root" useradd --create-home --shell /bin/bash debian
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf"
echo localhost > "$root/etc/hostname"
printf 'deb http://deb.debian.org/debian %s main\n' bookworm bookworm-updates \
    > "$root/etc/apt/sources.list"
printf 'deb http://deb.debian.org/debian-security bookworm-security main\n' \
    >> "$root/etc/apt/sources.list"
echo 'LABEL=root / ext4 errors=remount-ro 0 1' > "$root/etc/fstab"
rm -f "$root"/var/log/*.log "$root"/var/log/apt/* "$root"/var/cache/debconf/*-old
rm -f "$root"/etc/passwd- "$root"/etc/shadow- "$root"/etc/group- "$root"/etc/gshadow-

# No key of the image's own: each machine makes its keys.
mkdir -p "$root/etc/systemd/system/ssh.service.d"
cat > "$root/etc/systemd/system/ssh.service.d/host-keys.conf" <<'CONF'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
CONF

# GRUB for a BIOS, started from a partition of its own, which the image's maker fills.
loader=$root/boot/grub/i386-pc
mkdir -p "$loader"
cp "$root/usr/lib/grub/i386-pc/boot.img" "$loader/"
cat > "$root/boot/grub/early.cfg" <<'CFG'
search.fs_label root root
set prefix=($root)/boot/grub
configfile ($root)/boot/grub/grub.cfg
CFG
cat > "$root/boot/grub/grub.cfg" <<'CFG'
linux /vmlinuz root=LABEL=root ro console=ttyS0
initrd /initrd.img
boot
CFG
chroot "$root" grub-mkimage --format i386-pc --output /boot/grub/i386-pc/core.img \
    --prefix /boot/grub --config /boot/grub/early.cfg \
    biosdisk part_gpt ext2 search_label linux normal configfile
