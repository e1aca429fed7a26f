// SPDX-License-Identifier: Apache-2.0

extension Modification {
    /// Most modifications that one request may name.
    public static let countMax = 64
    /// Largest size of all modifications together, written as JSON: they travel in each event.
    public static let bytesMax = 24 << 10

    /// Everything that is wrong with the modification's form, in the order of its fields.
    ///
    /// - Parameter field: the path that problems are reported under, such as `modifications[0]`.
    func problems(at field: String) -> [FieldProblem] {
        values.compactMap { name, reason in
            let path = name.isEmpty ? "\(field).\(operation)" : "\(field).\(operation).\(name)"
            return reason.map { FieldProblem(field: path, reason: $0) }
        }
    }

    /// Why each value of the modification breaks its rule, by the value's name.
    private var values: [(name: String, reason: String?)] {
        switch self {
        case .write(let write):
            [
                ("path", ModificationRule.path(write.path)),
                ("content", ModificationRule.content(write.content, 0...Self.textMax)),
                ("mode", ModificationRule.mode(write.mode)),
            ]
        case .upload(let upload):
            [
                ("path", ModificationRule.path(upload.path)),
                ("url", RequestRule.url(upload.url, schemes: RequestRule.sourceSchemes)),
                ("sha256", Self.sha256(upload.sha256)),
                ("mode", ModificationRule.mode(upload.mode)),
            ]
        case .remove(let remove): [("path", ModificationRule.path(remove.path))]
        case .run(let run): [("script", ModificationRule.content(run.script, 1...Self.textMax))]
        case .password(let password): password.values
        case .sshKey(let key): key.values
        case .install(let install): install.values
        case .update: []
        case .sysprep(let sysprep): sysprep.values
        case .resize(let resize): [("size", ModificationRule.size(resize.size))]
        case .convert(let convert):
            [
                (
                    "compress",
                    convert.compress == true && convert.format != .qcow2
                        ? "only qcow2 files can be compressed inside" : nil
                )
            ]
        }
    }

    private static let textMax = ModificationRule.textBytesMax

    private static func sha256(_ text: String) -> String? {
        Digests.isHex(text, digits: 64) ? nil : "must be 64 lower-case hexadecimal digits"
    }
}

extension Modification.Password {
    fileprivate var values: [(name: String, reason: String?)] {
        var values = [("user", ModificationRule.user(user))]
        switch (hash, locked) {
        case (let hash?, nil): values.append(("hash", CredentialRule.hash(hash)))
        case (nil, true): break
        case (nil, false?): values.append(("locked", "must be true; or give a hash"))
        default: values.append(("", "must have exactly one of hash, locked"))
        }
        return values
    }
}

extension Modification.SSHKey {
    fileprivate var values: [(name: String, reason: String?)] {
        var values = [("user", ModificationRule.user(user))]
        switch (add, remove) {
        case (let line?, nil): values.append(("add", CredentialRule.sshKey(line)))
        case (nil, let line?): values.append(("remove", CredentialRule.sshKey(line)))
        default: values.append(("", "must have exactly one of add, remove"))
        }
        return values
    }
}

extension Modification.Install {
    fileprivate var values: [(name: String, reason: String?)] {
        let max = ModificationRule.packagesMax
        guard (1...max).contains(packages.count) else {
            return [("packages", "must name 1 to \(max) packages")]
        }
        let isFile = packages.map { $0.hasPrefix("/") }
        guard Set(isFile).count == 1 else {
            return [
                (
                    "packages",
                    "must be all names or all package files: use an install of its own for each"
                )
            ]
        }
        return packages.enumerated().map { index, name in
            ("packages[\(index)]", ModificationRule.package(name))
        }
    }
}

extension Modification.Sysprep {
    fileprivate var values: [(name: String, reason: String?)] {
        guard let operations else { return [] }
        guard !operations.isEmpty, Set(operations).count == operations.count else {
            return [("operations", "must name one or more operations, none of them twice")]
        }
        return operations.enumerated().map { index, name in
            ("operations[\(index)]", ModificationRule.sysprepOperation(name))
        }
    }
}
