// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import VerifierWorker

@Suite struct EntryNameTests {
    @Test(arguments: [
        ("http://h/a/img.qcow2", "img.qcow2"), ("http://h/img.qcow2?x=/y", "img.qcow2"),
        ("http://h/img.qcow2#z/w", "img.qcow2"), ("http://h/my%20image.img", "my image.img"),
        ("http://h/broken%zz.img", "broken%zz.img"), ("http://h/", ""), ("http://h", ""),
        ("file:///images/a.img", "a.img"), ("", ""),
    ])
    func theDefaultIsTheLastPathComponent(url: String, name: String) {
        #expect(EntryName.default(url: url) == name)
    }

    @Test(arguments: [("a", "a"), ("./a", "a"), (".//./a/b", "a/b"), ("../a", "../a"), ("", "")])
    func leadingDotsAreNoDifference(name: String, normalised: String) {
        #expect(EntryName.normalised(name) == normalised)
    }
}
