// SPDX-License-Identifier: Apache-2.0

/// A value of an AMQP table: message headers, arguments of queues and exchanges.
///
/// All signed integers on the wire become ``integer(_:)``, both floats ``double(_:)``; text that
/// is not UTF-8 becomes ``bytes(_:)``.
public enum FieldValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case double(Double)
    /// Seconds since 1970.
    case timestamp(UInt64)
    case bytes([UInt8])
    /// `value / 10^scale`.
    case decimal(scale: UInt8, value: UInt32)
    case array([FieldValue])
    case table([String: FieldValue])
    case null

    /// Deeper nesting is refused when sent and cut off when received.
    public static let depthMax = 16

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    static func validate(
        _ table: [String: FieldValue], _ field: String
    ) throws(AMQPError) {
        for key in table.keys { try Publication.checkShort(key, "name in \(field)") }
        guard FieldValue.table(table).encodedBytes(depth: 0) <= Message.headerBytesMax else {
            throw .invalid(
                "\(field): more than \(Message.headerBytesMax) bytes or \(depthMax) levels")
        }
    }

    /// An upper bound; more than any limit where the nesting is too deep or a name too long.
    private func encodedBytes(depth: Int) -> Int {
        guard depth < Self.depthMax else { return Message.headerBytesMax + 1 }
        switch self {
        case .string(let value): return 5 + value.utf8.count
        case .bytes(let value): return 5 + value.count
        case .array(let values):
            return values.reduce(5) { $0 + $1.encodedBytes(depth: depth + 1) }
        case .table(let table):
            return table.reduce(5) { sum, pair in
                let name = pair.key.utf8.count
                let fits = name <= Message.shortStringBytesMax
                return sum + (fits ? name + 1 : Message.headerBytesMax + 1)
                    + pair.value.encodedBytes(depth: depth + 1)
            }
        case .integer, .boolean, .double, .timestamp, .decimal, .null: return 9
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
