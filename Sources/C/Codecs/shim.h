// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CCODECS_SHIM_H
#define IMPRIMATUR_CCODECS_SHIM_H

// The four libraries themselves, not libarchive: of the files in this project's tests, libarchive
// 3.6.2 accepts gzip data whose CRC is wrong, and gzip and bzip2 data with foreign bytes behind.
#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

// A macro with a cast, which Swift does not import.
static const uint32_t ccodecs_lzma_concatenated = LZMA_CONCATENATED;

#endif
