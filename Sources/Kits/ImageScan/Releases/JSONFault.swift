// SPDX-License-Identifier: Apache-2.0

/// What is wrong with JSON, in one short line.
enum JSONFault {
    static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "no JSON" }
        switch error {
        case .keyNotFound(let key, let context):
            return "'\(place(context, key))' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "'\(place(context))' is of the wrong type"
        case .dataCorrupted(let context):
            let place = place(context)
            let text = PlainText.line(context.debugDescription, lengthMax: 120)
            return place.isEmpty ? "no JSON: \(text)" : "'\(place)': \(text)"
        @unknown default: return "not as expected"
        }
    }

    private static func place(
        _ context: DecodingError.Context, _ key: (any CodingKey)? = nil
    ) -> String {
        let keys = context.codingPath + (key.map { [$0] } ?? [])
        let path = keys.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return PlainText.line(path.joined(separator: "."), lengthMax: 120)
    }
}
