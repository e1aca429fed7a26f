// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CXML2_SHIM_H
#define IMPRIMATUR_CXML2_SHIM_H

// Debian's headers pull in the system's ICU, which clashes with Swift's own copy
// ("'UErrorCode' has different definitions in different modules").
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlsave.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <libxml/c14n.h>

// xmlFree is a variable holding a function: Swift 6 refuses to read it.
static inline void cxml2_free(void *memory) { xmlFree(memory); }

#endif
