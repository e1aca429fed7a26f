# SPDX-License-Identifier: Apache-2.0
"""What all readers over Dissect's modules use."""
import importlib

LINK_BYTES_MAX = 4096


def module(name):
    return importlib.import_module(f"dissect.{name}")


def check_link(size):
    if not 0 < size <= LINK_BYTES_MAX:
        raise ValueError("a link of impossible length")


def read_stream(stream, offset, count):
    stream.seek(offset)
    return bytes(stream.read(count))
