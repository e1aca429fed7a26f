// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CXMLSEC_SHIM_H
#define IMPRIMATUR_CXMLSEC_SHIM_H

// SwiftPM drops pkg-config's -D flags. Without XMLSEC_NO_SIZE_T xmlSecSize would be 64 bits wide
// where Debian's library uses 32: it compiles, with the wrong ABI.
#define XMLSEC_NO_SIZE_T 1
#define __XMLSEC_FUNCTION__ __func__
#define XMLSEC_CRYPTO_OPENSSL 1
#define XMLSEC_NO_GOST 1
#define XMLSEC_NO_GOST2012 1
#define XMLSEC_NO_CRYPTO_DYNAMIC_LOADING 1
#define XMLSEC_OPENSSL3_ENGINES 1
#define OPENSSL_SUPPRESS_DEPRECATED 1
// See Sources/C/XML2/shim.h.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <xmlsec/xmlsec.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/openssl/x509.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#endif
