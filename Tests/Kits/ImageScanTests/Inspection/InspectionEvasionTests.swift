// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// What a guest's kernel would see and a lenient reader would not.
@Suite(.timeLimit(.minutes(5))) struct InspectionEvasionTests {
    private static let root = "mkdir -p tree/etc tree/usr; echo ID=x > tree/etc/os-release"

    @Test func theLastInodeIsSeen() async throws {
        let facts = try await facts(
            """
            \(Self.root)
            for n in $(seq 1 18); do : > tree/etc/f$n; chmod 666 tree/etc/f$n; done
            truncate -s 8M image
            mke2fs -q -t ext4 -N 32 -b 1024 -d tree -F image
            debugfs -w -R 'sif / mode 040777' image
            dumpe2fs image 2> /dev/null | grep -q 'Free inodes: *0'
            """)
        // With the root's own folder.
        #expect(facts.entries.count == 19 && facts.entries.first?.path == "/")
        #expect(facts.problems == [])
    }

    @Test func contentIsWhereTheKernelFindsIt() async throws {
        // A hole, two blocks that are allocated but were never written, a hole, and text.
        let facts = try await facts(
            """
            \(Self.root)
            truncate -s 4K tree/etc/shadow; printf 'root::1:' >> tree/etc/shadow
            truncate -s 8M image
            mke2fs -q -t ext4 -b 1024 -d tree -F image
            debugfs -w -R 'fallocate /etc/shadow 1 2' image
            """,
            query: InspectionQuery(paths: [
                InspectionQuery.Pattern("/etc/shadow", contentBytesMax: 10_000)
            ]))
        let content = Data(base64Encoded: facts.entries.first?.content ?? "")
        #expect(content == Data(count: 4096) + Data("root::1:".utf8))
    }

    @Test(arguments: [
        (
            "truncate -s 8M image; mke2fs -q -t ext4 -d tree -F image;"
                + " debugfs -w -R 'feature needs_recovery' image", "was not unmounted"
        ),
        (
            "truncate -s 8M image; mke2fs -q -t ext4 -d tree -F image;"
                + " printf hsqs | dd of=image conv=notrunc status=none", "may be taken for"
        ),
        (
            "truncate -s 20M image; printf 'label: gpt\\nsize=8M\\nsize=8M\\n' | sfdisk -q image;"
                + " for at in 1 9; do mke2fs -q -t ext4 -d tree -E offset=$((at << 20)) -F image 8M;"
                + " done", "holds the root of another guest"
        ),
        (
            "truncate -s 20M image; printf 'label: gpt\\nsize=8M\\nsize=8M\\n' | sfdisk -q image;"
                + " for at in 1 9; do mke2fs -q -t ext4 -d tree -E offset=$((at << 20)) -F image 8M;"
                + " rm -rf tree/*; done", "fstab does not mount it"
        ),
        (
            "truncate -s 20M image; printf 'label: gpt\\nsize=8M\\n' | sfdisk -q image;"
                + " mke2fs -q -t ext4 -d tree -E offset=1048576 -F image 8M;"
                + " dd if=/dev/zero of=image bs=512 seek=1 count=1 conv=notrunc status=none",
            "the first GPT is broken"
        ),
    ])
    func whatMayBeSeenOtherwiseIsAProblem(script: String, problem: String) async throws {
        let facts = try await facts(Self.root + "\n" + script)
        #expect(facts.problems.contains { $0.contains(problem) }, "\(facts.problems)")
        #expect(facts.root == 0)
    }

    private func facts(
        _ script: String, query: InspectionQuery = InspectionQuery()
    ) async throws -> GuestFacts {
        let folder = try await ScriptedImage.shell(script)
        return try await Inspection(backend: .dissect(python: try DissectTools.interpreter()))
            .facts(of: folder.file("image"), format: "raw", query: query)
    }
}
