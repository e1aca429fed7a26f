// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ

// Copies out of librabbitmq's pools: what these return holds no pointer into them.

extension String {
    /// Broken UTF-8 is replaced, as in names that only people read.
    init(_ bytes: amqp_bytes_t) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension [UInt8] {
    init(_ bytes: amqp_bytes_t) {
        self.init(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
    }
}

extension BrokerException {
    init(_ close: amqp_channel_close_t) {
        self.init(
            replyCode: Int(close.reply_code), replyText: String(close.reply_text),
            classID: Int(close.class_id), methodID: Int(close.method_id))
    }

    init(_ close: amqp_connection_close_t) {
        self.init(
            replyCode: Int(close.reply_code), replyText: String(close.reply_text),
            classID: Int(close.class_id), methodID: Int(close.method_id))
    }
}

extension FieldValue {
    init(_ field: amqp_field_value_t, depth: Int) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .boolean(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .integer(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: self = .integer(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: self = .integer(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: self = .integer(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: self = .integer(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: self = .integer(Int64(value.u32))
        // RabbitMQ's 'l' is a signed number, whatever the specification says.
        case AMQP_FIELD_KIND_I64, AMQP_FIELD_KIND_U64: self = .integer(value.i64)
        case AMQP_FIELD_KIND_F32: self = .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(value.u64)
        case AMQP_FIELD_KIND_DECIMAL:
            self = .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_UTF8:
            let bytes = [UInt8](value.bytes)
            self = String(validating: bytes, as: UTF8.self).map(Self.string) ?? .bytes(bytes)
        case AMQP_FIELD_KIND_BYTES: self = .bytes([UInt8](value.bytes))
        case AMQP_FIELD_KIND_ARRAY where depth < Self.depthMax:
            let entries = UnsafeBufferPointer(
                start: value.array.entries, count: Int(value.array.num_entries))
            self = .array(entries.map { FieldValue($0, depth: depth + 1) })
        case AMQP_FIELD_KIND_TABLE where depth < Self.depthMax:
            self = .table(Self.table(value.table, depth: depth + 1))
        default: self = .null
        }
    }

    static func table(_ table: amqp_table_t, depth: Int = 0) -> [String: FieldValue] {
        let entries = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
        var values: [String: FieldValue] = [:]
        values.reserveCapacity(entries.count)
        for entry in entries { values[String(entry.key)] = FieldValue(entry.value, depth: depth) }
        return values
    }
}

extension Message.Properties {
    init(_ raw: amqp_basic_properties_t) {
        self.init()
        let flags = raw._flags
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? {
            flags & amqp_flags_t(flag) == 0 ? nil : String(bytes)
        }
        contentType = text(AMQP_BASIC_CONTENT_TYPE_FLAG, raw.content_type)
        contentEncoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, raw.content_encoding)
        if flags & amqp_flags_t(AMQP_BASIC_HEADERS_FLAG) != 0 {
            headers = FieldValue.table(raw.headers)
        }
        deliveryMode =
            flags & amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG) == 0
            ? nil : DeliveryMode(rawValue: raw.delivery_mode)
        priority = flags & amqp_flags_t(AMQP_BASIC_PRIORITY_FLAG) == 0 ? nil : raw.priority
        correlationID = text(AMQP_BASIC_CORRELATION_ID_FLAG, raw.correlation_id)
        replyTo = text(AMQP_BASIC_REPLY_TO_FLAG, raw.reply_to)
        expiration = text(AMQP_BASIC_EXPIRATION_FLAG, raw.expiration)
        messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, raw.message_id)
        timestamp = flags & amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG) == 0 ? nil : raw.timestamp
        type = text(AMQP_BASIC_TYPE_FLAG, raw.type)
        userID = text(AMQP_BASIC_USER_ID_FLAG, raw.user_id)
        appID = text(AMQP_BASIC_APP_ID_FLAG, raw.app_id)
    }
}

extension Arena {
    func properties(_ properties: Message.Properties) -> amqp_basic_properties_t {
        var raw = amqp_basic_properties_t()
        func set(_ flag: Int32) { raw._flags |= amqp_flags_t(flag) }
        func text(_ value: String?, _ flag: Int32) -> amqp_bytes_t {
            guard let value else { return amqp_bytes_t(len: 0, bytes: nil) }
            set(flag)
            return bytes(value)
        }
        raw.content_type = text(properties.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG)
        raw.content_encoding = text(properties.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG)
        raw.correlation_id = text(properties.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG)
        raw.reply_to = text(properties.replyTo, AMQP_BASIC_REPLY_TO_FLAG)
        raw.expiration = text(properties.expiration, AMQP_BASIC_EXPIRATION_FLAG)
        raw.message_id = text(properties.messageID, AMQP_BASIC_MESSAGE_ID_FLAG)
        raw.type = text(properties.type, AMQP_BASIC_TYPE_FLAG)
        raw.user_id = text(properties.userID, AMQP_BASIC_USER_ID_FLAG)
        raw.app_id = text(properties.appID, AMQP_BASIC_APP_ID_FLAG)
        if !properties.headers.isEmpty {
            set(AMQP_BASIC_HEADERS_FLAG)
            raw.headers = table(properties.headers)
        }
        if let mode = properties.deliveryMode {
            set(AMQP_BASIC_DELIVERY_MODE_FLAG)
            raw.delivery_mode = mode.rawValue
        }
        if let priority = properties.priority {
            set(AMQP_BASIC_PRIORITY_FLAG)
            raw.priority = priority
        }
        if let timestamp = properties.timestamp {
            set(AMQP_BASIC_TIMESTAMP_FLAG)
            raw.timestamp = timestamp
        }
        return raw
    }
}
