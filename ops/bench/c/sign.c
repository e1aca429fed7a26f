// SPDX-License-Identifier: Apache-2.0
// usage: sign KEY.pem CERTIFICATE.pem TEMPLATE.xml COUNT: parse, sign, serialise with libxmlsec1.
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 70;
    xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(argv[1], xmlSecKeyDataFormatPem, NULL, NULL, NULL);
    if (!key || xmlSecCryptoAppKeyCertLoad(key, argv[2], xmlSecKeyDataFormatPem) < 0) return 66;
    xmlDocPtr source = xmlReadFile(argv[3], NULL, XML_PARSE_NONET);
    if (!source) return 66;
    xmlChar *text;
    int length;
    xmlDocDumpMemory(source, &text, &length);
    long count = atol(argv[4]);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < count; i++) {
        xmlDocPtr document = xmlReadMemory((char *)text, length, NULL, NULL, XML_PARSE_NONET);
        xmlNodePtr signature = xmlSecTmplSignatureCreate(
            document, xmlSecTransformInclC14NWithCommentsId, xmlSecTransformRsaSha256Id, NULL);
        xmlAddChild(xmlDocGetRootElement(document), signature);
        xmlNodePtr reference = xmlSecTmplSignatureAddReference(
            signature, xmlSecTransformSha256Id, NULL, BAD_CAST "", NULL);
        xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId);
        xmlNodePtr info = xmlSecTmplSignatureEnsureKeyInfo(signature, NULL);
        xmlSecTmplX509DataAddCertificate(xmlSecTmplKeyInfoAddX509Data(info));
        xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
        context->signKey = xmlSecKeyDuplicate(key);
        if (xmlSecDSigCtxSign(context, signature) < 0) return 70;
        xmlChar *signed_text;
        int signed_length;
        xmlDocDumpMemory(document, &signed_text, &signed_length);
        xmlFree(signed_text);
        xmlSecDSigCtxDestroy(context);
        xmlFreeDoc(document);
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("{\"rate\": %.1f}\n", count / (b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9));
    return 0;
}
