// SPDX-License-Identifier: Apache-2.0

extension Check {
    /// Facts of an image are there, or the report has been made without any.
    static let readable = Check(
        "readable", .critical, "The image cannot be read",
        documentation: Documentation(
            finds: """
                An image that the inspector refuses, crashes on, or does not finish reading within \
                its limits of time and memory.
                """,
            matters: """
                Nothing is known of what is inside. A disk that breaks the program which reads it \
                may be made for that.
                """,
            mend: """
                Look at the inspector's message. Convert the image with qemu-img, run fsck on its \
                file systems, and see that its file was not cut off.
                """,
            waive: "Never: it cannot be waived, left out or made a warning."),
        isWaivable: false, judgesGuest: false
    ) { _, _ in .passed }

    static let inspectionComplete = Check(
        "inspection-complete", .high, "The inspection is not complete",
        documentation: Documentation(
            finds: """
                An inspection that ended at one of its bounds, such as the number of files, or \
                that met what it could not read: a damaged folder, an unknown file system.
                """,
            matters: "What was not read may be anything. The other checks judge the rest only.",
            mend: """
                Run fsck on the file systems named in the problems, remove what is not needed, or \
                ask the operator for larger bounds.
                """,
            waive: """
                When the problems speak of parts that no guest of this image uses, such as another \
                system's partition.
                """),
        judgesGuest: false
    ) { guest, _ in
        var findings = guest.facts.problems.map { Finding($0) }
        if !guest.facts.isComplete {
            findings.insert(Finding("the inspection ended at one of its bounds"), at: 0)
        }
        return CheckResult(findings)
    }

    static let guestSystem = Check(
        "guest-system", .high, "No system was found in the image",
        documentation: Documentation(
            finds: """
                An image in which no file system holds the root of a system, so that no check \
                could look at files.
                """,
            matters: "An encrypted or unknown system passes every other check unseen.",
            mend: """
                Use ext4, xfs or btrfs, on partitions, logical volumes or the whole disk, without \
                encryption.
                """,
            waive: """
                For data disks, and for appliances without a Linux system. Say in the reason what \
                the image is.
                """),
        judgesGuest: false
    ) { guest, _ in
        guard guest.facts.root == nil else { return .passed }
        let contents = guest.facts.volumes.map { "\($0.name): \($0.content)" }
        let seen = contents.isEmpty ? "no volumes" : contents.joined(separator: ", ")
        return .failed([Finding("no file system with a root; the disk has \(seen)")])
    }
}
