// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct MetadataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata",
        abstract: "Build, sign, validate, upload and deprecate StratusLab metadata by hand.",
        discussion: """
            The options of stratus-build-metadata, stratus-sign-metadata, \
            stratus-validate-metadata, stratus-upload-metadata and stratus-deprecate-metadata.

            Example:
              imprimatur metadata build --author Alice --os cirros --os-version 0.3.4 \\
                --os-arch x86_64 --format qcow2 --location http://example.org/disk.img disk.img
              imprimatur metadata sign --p12-cert endorser.p12 cirros-0.3.4-x86_64-base-.xml
              imprimatur metadata validate --ca /etc/grid-security/certificates \\
                cirros-0.3.4-x86_64-base-.xml
            """,
        subcommands: [
            MetadataBuild.self, MetadataSign.self, MetadataValidate.self, MetadataUpload.self,
            MetadataDeprecate.self,
        ])
}
