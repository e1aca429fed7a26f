// SPDX-License-Identifier: Apache-2.0

/// Which characters the values of a document may have.
enum MetadataText {
    /// What is wrong with a text; nil when nothing is.
    ///
    /// Characters that turn the writing direction of the text around them (Unicode Standard Annex
    /// 9, explicit embeddings, overrides and isolates) would let a value show as another one.
    static func fault(in text: String) -> String? {
        let found = text.unicodeScalars.first { scalar in
            (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
        return found.map {
            "has the character U+\(String($0.value, radix: 16, uppercase: true)), "
                + "which changes the order of writing"
        }
    }
}
