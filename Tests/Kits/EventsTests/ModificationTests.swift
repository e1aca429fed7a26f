// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("Modifications and waivers of a request")
struct ModificationTests {
    private static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
    private static let sha512 = "$6$saltsalt$" + String(repeating: "a", count: 86)

    private static func request(
        _ modifications: [Modification]? = nil, waivers: [Waiver]? = nil,
        locations: [String]? = ["http://example.org/modified.img"]
    ) -> ImageRequest {
        ImageRequest(
            name: "a", source: .init(url: "http://example.org/a.img", format: .raw),
            modifications: modifications, waivers: waivers,
            metadata: .init(os: "a", osVersion: "1", osArch: "x86_64", locations: locations))
    }

    private static func complaints(_ modifications: [Modification]) -> [String] {
        request(modifications).problems().map(\.description)
    }

    @Test("One of each kind has no problems")
    func good() {
        let all: [Modification] = [
            .write(.init(path: "/etc/motd", content: "", mode: "0644")),
            .write(.init(path: "/a b/.c..d/…", content: "\u{1}ä\n", mode: "7777")),
            .upload(
                .init(
                    path: "/opt/a", url: "ftp://h/a", sha256: String(repeating: "0a", count: 32))),
            .remove(.init(path: "/devices")), .run(.init(script: "true")),
            .password(.init(user: "root", locked: true)),
            .password(.init(user: "_a-0", hash: Self.sha512)),
            .sshKey(.init(user: "a", add: Self.key)),
            .sshKey(.init(user: "a", remove: Self.key + " somebody @ home")),
            .install(.init(packages: ["libstdc++6", "Foo_bar.x"])),
            .install(.init(packages: ["/root/a_1.0~rc1-2_all.deb"])), .update(.init()),
            .sysprep(.init()), .sysprep(.init(operations: ["machine-id", "logfiles"])),
            .resize(.init(size: 1 << 31)), .convert(.init(format: .qcow2, compress: true)),
        ]
        #expect(Self.complaints(all) == [])
    }

    @Test(
        "A path is absolute, normal and bounded",
        arguments: [
            "", "/", "a", "a/b", "//a", "/a//b", "/a/", "/.", "/..", "/a/./b", "/a/../b", "/a/..",
            "/a\u{0}", "/a\nb", "/a\u{7F}", "/dev", "/proc/1", "/sys/a",
            "/" + String(repeating: "a", count: 256), String(repeating: "/aaaaaaa", count: 129),
        ])
    func badPath(_ path: String) {
        for modification in [
            Modification.write(.init(path: path, content: "")), .remove(.init(path: path)),
            .upload(
                .init(path: path, url: "http://h/a", sha256: String(repeating: "0", count: 64))),
        ] {
            let fields = Self.request([modification]).problems().map(\.field)
            #expect(fields == ["modifications[0].\(modification.operation).path"])
        }
    }

    @Test("Values that break their rule are told by their field")
    func badValues() {
        let large = String(repeating: "a", count: (16 << 10) + 1)
        let cases: [(Modification, String)] = [
            (.write(.init(path: "/a", content: large)), "write.content: must have at most 16384"),
            (.write(.init(path: "/a", content: "\u{0}")), "write.content: must not hold"),
            (.write(.init(path: "/a", content: "", mode: "8")), "write.mode: must be octal"),
            (.write(.init(path: "/a", content: "", mode: "10000")), "write.mode: must be octal"),
            (.write(.init(path: "/a", content: "", mode: "-1")), "write.mode: must be octal"),
            (.write(.init(path: "/a", content: "", mode: "u+x")), "write.mode: must be octal"),
            (
                .upload(.init(path: "/a", url: "gopher://h/", sha256: Self.hex)),
                "upload.url: the scheme must be one of"
            ),
            (
                .upload(.init(path: "/a", url: "http://h/", sha256: Self.hex.uppercased())),
                "upload.sha256: must be 64 lower-case"
            ),
            (.run(.init(script: "")), "run.script: must not be empty"),
            (.run(.init(script: large)), "run.script: must have at most 16384 bytes"),
            (.password(.init(user: "root")), "password: must have exactly one of hash, locked"),
            (
                .password(.init(user: "a", hash: Self.sha512, locked: true)),
                "password: must have exactly one of"
            ),
            (.password(.init(user: "a", locked: false)), "password.locked: must be true"),
            (.sshKey(.init(user: "a")), "sshKey: must have exactly one of add, remove"),
            (
                .sshKey(.init(user: "a", add: Self.key, remove: Self.key)),
                "sshKey: must have exactly one of add, remove"
            ),
            (.install(.init(packages: [])), "install.packages: must name 1 to 64"),
            (.install(.init(packages: ["-y"])), "install.packages[0]: must be a package's name"),
            (.install(.init(packages: ["a", "b;c"])), "install.packages[1]: must be a package's"),
            (.install(.init(packages: ["a", "/b.deb"])), "install.packages: must be all names or"),
            (.install(.init(packages: ["/b"])), "install.packages[0]: the path of a package file"),
            (.install(.init(packages: ["/$a.deb"])), "install.packages[0]: the path of a package"),
            (.install(.init(packages: ["/../a.deb"])), "install.packages[0]: must be in normal"),
            (.sysprep(.init(operations: [])), "sysprep.operations: must name one or more"),
            (.sysprep(.init(operations: ["utmp", "utmp"])), "sysprep.operations: must name one"),
            (.sysprep(.init(operations: ["fs-uuids"])), "sysprep.operations[0]: fs-uuids gives"),
            (.sysprep(.init(operations: ["script"])), "sysprep.operations[0]: script is not for"),
            (.sysprep(.init(operations: ["all"])), "sysprep.operations[0]: no operation of"),
            (.resize(.init(size: 0)), "resize.size: must be 1048576 to 17592186044416 bytes"),
            (.resize(.init(size: (1 << 30) + 1)), "resize.size: must be 1048576 to"),
            (.resize(.init(size: .max)), "resize.size: must be 1048576 to"),
            (.convert(.init(format: .raw, compress: true)), "convert.compress: only qcow2 files"),
        ]
        for (modification, complaint) in cases {
            let complaints = Self.complaints([modification])
            #expect(complaints.count == 1, "\(complaint): \(complaints)")
            #expect(complaints.first?.hasPrefix("modifications[0].\(complaint)") == true)
        }
    }

    private static let hex = String(repeating: "0a", count: 32)

    @Test(
        "Account names are those of useradd",
        arguments: ["", "Root", "0a", "-a", "a b", "a:b", "ä", String(repeating: "a", count: 33)])
    func badUser(_ user: String) {
        let complaints = Self.complaints([
            .password(.init(user: user, locked: true)), .sshKey(.init(user: user, add: Self.key)),
        ])
        #expect(complaints.count == 2)
        #expect(complaints.allSatisfy { $0.contains(".user: must be 1 to 32 of a-z") })
    }

    @Test("Hashes of crypt(5) by strong methods pass")
    func goodHashes() {
        for hash in [
            "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC",
            "$6$rounds=5000$saltsalt$" + String(repeating: "/", count: 86),
            "$5$s$" + String(repeating: ".", count: 43),
            "$2b$12$" + String(repeating: "A", count: 53),
            "$7$CU..../....salt$" + String(repeating: "a", count: 43),
        ] {
            #expect(Self.complaints([.password(.init(user: "a", hash: hash))]) == [])
        }
    }

    @Test(
        "Clear passwords, weak methods and whole shadow lines are refused, and not repeated",
        arguments: [
            "", "secret", "!", "*", "x", "$1$salt$0123456789012345678901", "ab0123456789A",
            "$6$salt$short", "$6$sa:lt$" + String(repeating: "a", count: 86),
            "$6$$" + String(repeating: "a", count: 86),
            "$6$salt$" + String(repeating: "a", count: 86) + ":19000:0:99999:7:::",
            "$6$salt$" + String(repeating: "a", count: 85) + "\n",
            "$6$rounds=x$salt$" + String(repeating: "a", count: 86), "$$$", "$2b$12$",
        ])
    func badHash(_ hash: String) {
        let complaints = Self.complaints([.password(.init(user: "a", hash: hash))])
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains(".hash: must be a crypt(5) hash") == true)
        if hash.count > 3 { #expect(complaints.first?.contains(hash) == false) }
    }

    @Test(
        "Only whole public keys of known types are keys",
        arguments: [
            "", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAAA", "ssh-dss AAAAB3NzaC1kc3MAAACB",
            "command=\"x\" " + key, key + "\n" + key, key + " a\u{0}", " " + key,
            key.replacing("ssh-ed25519 ", with: "ssh-rsa "), key.dropLast() + "!",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            key + " " + String(repeating: "a", count: 8192),
        ])
    func badKey(_ line: String) {
        for key in [
            Modification.SSHKey(user: "a", add: line), .init(user: "a", remove: line),
        ] {
            #expect(Self.complaints([.sshKey(key)]).count == 1)
        }
    }

    @Test("A disk is resized once, and converted once and last")
    func order() {
        let (resize, convert) = (
            Modification.resize(.init(size: 1 << 30)), Modification.convert(.init(format: .raw))
        )
        #expect(Self.complaints([resize, convert]) == [])
        let fields = Self.request([convert, resize, resize, convert]).problems().map(\.field)
        #expect(fields == ["modifications[0].convert", "modifications[2].resize"])
    }

    @Test("Their number and their size together are bounded")
    func bounds() {
        #expect(Self.complaints(.init(repeating: .update(.init()), count: 64)) == [])
        #expect(
            Self.complaints(.init(repeating: .update(.init()), count: 65))
                == ["modifications: at most 64 are allowed, found 65"])
        let text = String(repeating: "a", count: 12_200)
        let write = Modification.write(.init(path: "/a", content: text))
        #expect(Self.complaints([write, write]) == [])
        // What JSON writes longer counts as it is written.
        let escaped = Modification.write(
            .init(path: "/a", content: String(repeating: "\u{1}", count: 4_100)))
        let complaints = Self.complaints([escaped])
        #expect(complaints.count == 1)
        #expect(complaints.first?.hasPrefix("modifications: have ") == true)
    }

    @Test("With modifications a request says where the modified image will be")
    func locations() {
        for locations in [nil, []] as [[String]?] {
            let problems = Self.request([.update(.init())], locations: locations).problems()
            #expect(problems.map(\.field) == ["metadata.locations"])
            #expect(problems.first?.reason.contains("is not at the source's URL") == true)
            #expect(Self.request([], locations: locations).problems() == [])
            #expect(Self.request(nil, locations: locations).problems() == [])
        }
        let source = ["http://example.org/b.img", "http://example.org/a.img"]
        let problems = Self.request([.update(.init())], locations: source).problems()
        #expect(problems.map(\.field) == ["metadata.locations[1]"])
        #expect(Self.request(locations: source).problems() == [])
    }

    @Test("Waivers name a check and a reason, no check twice")
    func waivers() {
        let waiver = Waiver(check: "swap-partition", reason: "Needed for hibernation: tested.")
        #expect(Self.request(waivers: [waiver, .init(check: "a1", reason: "a")]).problems() == [])
        let cases: [(Waiver, String)] = [
            (.init(check: "", reason: "a"), "check"), (.init(check: "A", reason: "a"), "check"),
            (.init(check: "-a", reason: "a"), "check"),
            (.init(check: "a--b", reason: "a"), "check"),
            (.init(check: "a b", reason: "a"), "check"),
            (.init(check: "a/b", reason: "a"), "check"),
            (.init(check: String(repeating: "a", count: 65), reason: "a"), "check"),
            (.init(check: "a", reason: ""), "reason"),
            (.init(check: "a", reason: "a\nb"), "reason"),
            (.init(check: "a", reason: String(repeating: "é", count: 257)), "reason"),
        ]
        for (waiver, field) in cases {
            let fields = Self.request(waivers: [waiver]).problems().map(\.field)
            #expect(fields == ["waivers[0].\(field)"], "\(waiver)")
        }
        let twice = Self.request(waivers: [waiver, waiver]).problems()
        #expect(twice.map(\.description) == ["waivers[1].check: is waived already, further up"])
        let many = (0..<33).map { Waiver(check: "a\($0)", reason: "a") }
        #expect(Self.request(waivers: many).problems().map(\.field) == ["waivers"])
        #expect(Self.request(waivers: Array(many.dropLast())).problems() == [])
    }

    @Test("What becomes too large for an event is too large as a request")
    func size() {
        let url = "http://example.org/" + String(repeating: "a", count: 2_000)
        var request = Self.request()
        request.checksumFiles = Array(repeating: .init(url: url), count: 15)
        #expect(request.problems() == [])
        request.metadata.description = String(repeating: "a", count: 4_000)
        #expect(request.problems().map(\.field) == ["request"])
    }
}
