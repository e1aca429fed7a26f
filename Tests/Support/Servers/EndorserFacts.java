// SPDX-License-Identifier: Apache-2.0
import eu.stratuslab.marketplace.X509Info;
import eu.stratuslab.marketplace.X509Utils;
import eu.stratuslab.marketplace.metadata.SignMetadata;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * Says what StratusLab's own classes make of certificates and PKCS#12 files, and writes such files
 * as Java does. Standard input holds one request per line, fields separated by tabs, text in
 * hexadecimal; each gets one line of answer.
 */
public class EndorserFacts {
    public static void main(String[] arguments) throws Exception {
        BufferedReader requests = new BufferedReader(
            new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            try {
                System.out.println(answer(line.split("\t", -1)));
            } catch (Exception | Error e) {
                System.out.println("error " + e.toString().replaceAll("\\s+", " "));
            }
        }
    }

    private static String answer(String[] request) throws Exception {
        switch (request[0]) {
            case "certificate": return facts(certificate(request[1]));
            case "key": return facts(key(request[1], text(request[2])));
            case "write": return write(request);
            case "sign": return sign(request);
            default: throw new IllegalArgumentException(request[0]);
        }
    }

    private static X509Info certificate(String path) throws Exception {
        try (FileInputStream input = new FileInputStream(path)) {
            return new X509Info((X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
    }

    /** The key that `SignMetadata` signs with. */
    private static X509Info key(String path, String password) throws Exception {
        return X509Utils.x509FromKeyStore(
            X509Utils.pkcs12ToKeyStore(new File(path), password), password);
    }

    /** Fields: file, password, then of each entry its source file, that file's password, alias. */
    private static String write(String[] request) throws Exception {
        char[] password = text(request[2]).toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        for (int index = 3; index + 2 < request.length; index += 3) {
            X509Info source = key(request[index], text(request[index + 1]));
            store.setKeyEntry(
                text(request[index + 2]), source.privateKey, password,
                new java.security.cert.Certificate[] {source.cert});
        }
        try (FileOutputStream output = new FileOutputStream(request[1])) {
            store.store(output, password);
        }
        return "written";
    }

    /**
     * Fields: document, signed document, PKCS#12 file, its password. When it fails, it ends the
     * process.
     */
    private static String sign(String[] request) throws Exception {
        SignMetadata.main(new String[] {request[1], request[2], request[3], text(request[4])});
        return "signed";
    }

    private static String facts(X509Info info) {
        return hex(info.subject) + " " + hex(info.issuer) + " "
            + (info.email == null ? "-" : hex(info.email));
    }

    private static String hex(String text) {
        return "." + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }
}
