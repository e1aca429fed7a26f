// SPDX-License-Identifier: Apache-2.0
import Signatures

/// Documents whose endorsement names another than the one who signed.
enum EndorserContradictions {
    private static let email = "<slreq:email>endorser@example.org</slreq:email>"

    static var all: [HostileDocument] { changes + missing + strangers }

    private typealias Row = (name: String, element: String, from: String, to: String)

    private static let changes: [HostileDocument] = [
        ("another e-mail address", "slreq:email", "endorser@example.org", "boss@example.org"),
        (
            "the e-mail address in capitals", "slreq:email", "endorser@example.org",
            "ENDORSER@example.org"
        ),
        (
            "the e-mail address with a dot behind", "slreq:email", "endorser@example.org",
            "endorser@example.org."
        ),
        (
            "the e-mail address of a longer host", "slreq:email", "endorser@example.org",
            "endorser@example.org.example.net"
        ),
        ("another subject", "slreq:subject", "CN=Hélène Test", "CN=Boss"),
        ("the subject decomposed", "slreq:subject", "CN=Hélène", "CN=He\u{301}le\u{300}ne"),
        ("the subject with a space more", "slreq:subject", "CN=Hélène Test,", "CN=Hélène Test, "),
        ("the subject in capitals", "slreq:subject", "CN=Hélène Test", "CN=HÉLÈNE TEST"),
        ("the subject without its escape", "slreq:subject", "IdG\\, Grilles", "IdG, Grilles"),
        ("the subject quoted", "slreq:subject", "IdG\\, Grilles", "\"IdG, Grilles\""),
        (
            "the subject in the order of OpenSSL", "slreq:subject",
            "CN=Hélène Test,OU=IdG\\, Grilles,O=CNRS,DC=fr",
            "/DC=fr/O=CNRS/OU=IdG, Grilles/CN=Hélène Test"
        ),
        ("the subject shortened", "slreq:subject", ",DC=fr", ""),
        ("the subject with keywords in small letters", "slreq:subject", "CN=Hélène", "cn=Hélène"),
        (
            "the subject with white space around", "slreq:subject", "<slreq:subject>",
            "<slreq:subject>\n "
        ),
        ("another issuer", "slreq:issuer", "CN=Test CA", "CN=Real CA"),
        (
            "the issuer with a line end behind", "slreq:issuer", "</slreq:issuer>",
            "\n</slreq:issuer>"
        ),
        (
            "another issuer before the good one", "slreq:issuer", "<slreq:issuer>",
            "<slreq:issuer>CN=Real CA</slreq:issuer><slreq:issuer>"
        ),
    ].map { (row: Row) in .content(row.name, .consistency(row.element), row.from, row.to) }

    private static let missing: [HostileDocument] = [
        ("no e-mail address", "slreq:email", email, ""),
        ("an empty e-mail address", "slreq:email", email, "<slreq:email/>"),
        (
            "two e-mail addresses", "slreq:email", email,
            email + "<slreq:email>boss@example.org</slreq:email>"
        ),
        ("the same e-mail address twice", "slreq:email", email, email + email),
        (
            "an element inside the e-mail address", "slreq:email", email,
            "<slreq:email>endorser<dcterms:x/>@example.org</slreq:email>"
        ),
        (
            "two subjects", "slreq:subject", "<slreq:subject>",
            "<slreq:subject>CN=Boss</slreq:subject><slreq:subject>"
        ),
        ("an element inside the subject", "slreq:subject", "CN=Hélène", "<dcterms:x/>CN=Hélène"),
        (
            "no date of endorsement", "dcterms:created",
            "<dcterms:created>2016-06-18T00:00:00Z</dcterms:created>", ""
        ),
        (
            "a second endorser's e-mail beside the endorser", "slreq:email", "<slreq:endorser",
            "<slreq:email>boss@example.org</slreq:email><slreq:endorser"
        ),
    ].map { (row: Row) in .content(row.name, .constraint(row.element), row.from, row.to) }

    private static let strangers: [HostileDocument] = [
        HostileDocument("signed by a stranger", .consistency("slreq:subject")) {
            try $0.sign($0.draft, by: $0.stranger)
        },
        HostileDocument("signed by a stranger in the modern profile", .consistency("slreq:email")) {
            try $0.sign($0.draft, by: $0.stranger, profile: .modern)
        },
        HostileDocument("without an endorsement's content", .constraint("slreq:endorsement")) {
            let text = $0.draft
            guard let start = text.firstRange(of: "<slreq:endorsement"),
                let end = text.firstRange(of: "</slreq:endorsement>")
            else { return [] }
            let whole = String(text[start.lowerBound..<end.upperBound])
            return try $0.resigned(whole, "<slreq:endorsement rdf:parseType=\"Resource\"/>")
        },
        HostileDocument("without an endorsement", .constraint("slreq:endorsement")) {
            try $0.sign($0.draft.replacing("slreq:endorsement", with: "slreq:approval"))
        },
        HostileDocument("without a subject", .constraint("slreq:subject")) {
            try $0.sign($0.draft.replacing("slreq:subject", with: "slreq:about"))
        },
        HostileDocument("without an issuer", .constraint("slreq:issuer")) {
            try $0.sign($0.draft.replacing("slreq:issuer", with: "slreq:by"))
        },
        HostileDocument("without an endorser", .constraint("slreq:endorser")) {
            try $0.sign($0.draft.replacing("slreq:endorser", with: "slreq:who"))
        },
        HostileDocument("with the endorser outside the endorsement", .constraint("slreq:endorser"))
        {
            let text = $0.draft
            guard let start = text.firstRange(of: "<slreq:endorser "),
                let end = text.firstRange(of: "</slreq:endorser>")
            else { return [] }
            let endorser = String(text[start.lowerBound..<end.upperBound])
            let without = try Workshop.replace(endorser, with: "", in: text)
            return try $0.sign(
                try Workshop.replace(
                    "<dcterms:type>", with: endorser + "<dcterms:type>", in: without))
        },
    ]
}
