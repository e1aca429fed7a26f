// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CCURL_SHIM_H
#define IMPRIMATUR_CCURL_SHIM_H

#include <curl/curl.h>

#endif
