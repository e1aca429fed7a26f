// SPDX-License-Identifier: Apache-2.0
import Events

extension RequestShape {
    static let modification = RequestShape.oneOf(
        [
            Field(
                "write", .table([path, Field("content", .text, placeholder: .string("")), mode])),
            Field(
                "upload",
                .table([
                    path, Field("url", .text, placeholder: .string("http://x/")),
                    Field("sha256", .text, placeholder: .string(String(repeating: "0", count: 64))),
                    mode,
                ])),
            Field("remove", .table([path])),
            Field("run", .table([Field("script", .text, placeholder: .string("x"))])),
            Field("password", .table([user, Field("hash", .text), Field("locked", .flag)])),
            Field("sshKey", .table([user, Field("add", .text), Field("remove", .text)])),
            Field("install", .table([packages])),
            Field("update", .table([])),
            Field("sysprep", .table([Field("operations", texts)])),
            Field(
                "resize",
                .table([Field("size", .integer, placeholder: .integer(1 << 30))])),
            Field(
                "convert",
                .table([
                    Field(
                        "format", choice(ImageRequest.Format.self), placeholder: .string("qcow2")),
                    Field("compress", .flag),
                ])),
        ], placeholder: .object(["update": .object([:])]))

    static let waiver = RequestShape.table([
        Field("check", .text, placeholder: .string("x")),
        Field("reason", .text, placeholder: .string("x")),
    ])

    private static let path = Field("path", .text, placeholder: .string("/x"))
    private static let mode = Field("mode", .text)
    private static let user = Field("user", .text, placeholder: .string("x"))
    private static let packages = Field(
        "packages", texts, placeholder: .array([.string("x")]))

    /// A list as long as a modification may hold one.
    private static let texts = RequestShape.list(.text, countMax: Modification.countMax)
}
