// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_COPENSSL_SHIM_H
#define IMPRIMATUR_COPENSSL_SHIM_H

// The digest states that a resumed download saves (MD5_CTX and its kin) are plain structures
// only in the API that OpenSSL 3 marks as deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#endif
