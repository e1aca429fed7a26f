// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ

/// Scratch memory for the arguments of one call into librabbitmq: filled by bumping an offset,
/// emptied at once with ``reset()``. Pointers into it are good until then.
final class Arena {
    private var chunk: UnsafeMutableRawBufferPointer
    private var used = 0
    private var full: [UnsafeMutableRawBufferPointer] = []

    private static let chunkBytes = 16_384
    private static let alignment = 16

    init() {
        chunk = .allocate(byteCount: Self.chunkBytes, alignment: Self.alignment)
    }

    deinit {
        chunk.deallocate()
        for chunk in full { chunk.deallocate() }
    }

    func reset() {
        used = 0
        guard !full.isEmpty else { return }
        for chunk in full { chunk.deallocate() }
        full.removeAll()
    }

    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let size = (byteCount + Self.alignment - 1) & ~(Self.alignment - 1)
        if used + size > chunk.count {
            full.append(chunk)
            chunk = .allocate(
                byteCount: max(size, Self.chunkBytes), alignment: Self.alignment)
            used = 0
        }
        defer { used += size }
        // A chunk is never empty, so it has a base address.
        return chunk.baseAddress.unsafelyUnwrapped + used
    }

    /// A copy, never of length zero in memory: librabbitmq takes a nil pointer for "no memory".
    func bytes(_ text: String) -> amqp_bytes_t {
        let count = text.utf8.count
        let memory = allocate(max(count, 1))
        let target = UnsafeMutableRawBufferPointer(start: memory, count: count)
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable {
            target.copyMemory(from: UnsafeRawBufferPointer($0))
        }
        if isCopied == nil { target.copyBytes(from: text.utf8) }
        return amqp_bytes_t(len: count, bytes: memory)
    }

    func bytes(_ values: [UInt8]) -> amqp_bytes_t {
        let memory = allocate(max(values.count, 1))
        UnsafeMutableRawBufferPointer(start: memory, count: values.count)
            .copyBytes(from: values)
        return amqp_bytes_t(len: values.count, bytes: memory)
    }

    func table(_ values: [String: FieldValue]) -> amqp_table_t {
        guard !values.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        let entries = allocate(values.count * MemoryLayout<amqp_table_entry_t>.stride)
            .bindMemory(to: amqp_table_entry_t.self, capacity: values.count)
        for (index, pair) in values.enumerated() {
            let entry = amqp_table_entry_t(key: bytes(pair.key), value: field(pair.value))
            (entries + index).initialize(to: entry)
        }
        return amqp_table_t(num_entries: Int32(values.count), entries: entries)
    }

    private func array(_ values: [FieldValue]) -> amqp_array_t {
        guard !values.isEmpty else { return amqp_array_t(num_entries: 0, entries: nil) }
        let entries = allocate(values.count * MemoryLayout<amqp_field_value_t>.stride)
            .bindMemory(to: amqp_field_value_t.self, capacity: values.count)
        for (index, value) in values.enumerated() {
            (entries + index).initialize(to: field(value))
        }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func field(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        let kind: amqp_field_value_kind_t
        switch value {
        case .string(let text): (kind, field.value.bytes) = (AMQP_FIELD_KIND_UTF8, bytes(text))
        case .bytes(let values): (kind, field.value.bytes) = (AMQP_FIELD_KIND_BYTES, bytes(values))
        case .integer(let number): (kind, field.value.i64) = (AMQP_FIELD_KIND_I64, number)
        case .boolean(let flag):
            (kind, field.value.boolean) = (AMQP_FIELD_KIND_BOOLEAN, flag ? 1 : 0)
        case .double(let number): (kind, field.value.f64) = (AMQP_FIELD_KIND_F64, number)
        case .timestamp(let time): (kind, field.value.u64) = (AMQP_FIELD_KIND_TIMESTAMP, time)
        case .decimal(let scale, let number):
            kind = AMQP_FIELD_KIND_DECIMAL
            field.value.decimal = amqp_decimal_t(decimals: scale, value: number)
        case .array(let values): (kind, field.value.array) = (AMQP_FIELD_KIND_ARRAY, array(values))
        case .table(let values): (kind, field.value.table) = (AMQP_FIELD_KIND_TABLE, table(values))
        case .null: kind = AMQP_FIELD_KIND_VOID
        }
        field.kind = UInt8(kind.rawValue)
        return field
    }
}
