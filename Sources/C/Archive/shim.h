// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CARCHIVE_SHIM_H
#define IMPRIMATUR_CARCHIVE_SHIM_H

#include <archive.h>
#include <archive_entry.h>

#endif
