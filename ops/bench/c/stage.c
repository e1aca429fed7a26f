// SPDX-License-Identifier: Apache-2.0
// usage: stage FROM TO COUNT PREFETCH: consume, publish, await the confirm, acknowledge; pipelined.
#include "amqp.h"

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    long count = atol(argv[3]), published = 0, confirmed = 0;
    amqp_connection_state_t connection = connect_broker();
    if (!amqp_confirm_select(connection, 2)) die("confirm.select");
    uint64_t *tags = calloc(count + 1, sizeof *tags);
    double began = now(), cpu_began = cpu();
    consume(connection, argv[1], atoi(argv[4]));
    while (confirmed < count) {
        amqp_frame_t frame;
        if (amqp_simple_wait_frame(connection, &frame)) die("wait");
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
            amqp_basic_deliver_t *deliver = frame.payload.method.decoded;
            uint64_t tag = deliver->delivery_tag;
            amqp_message_t message;
            amqp_rpc_reply_t reply = amqp_read_message(connection, 1, &message, 0);
            if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("read");
            tags[++published] = tag;
            publish(connection, 2, argv[2], message.body);
            amqp_destroy_message(&message);
        } else if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
            amqp_basic_ack_t *ack = frame.payload.method.decoded;
            long until = ack->multiple ? (long)ack->delivery_tag : confirmed + 1;
            while (confirmed < until)
                if (amqp_basic_ack(connection, 1, tags[++confirmed], 0)) die("ack");
        }
        amqp_maybe_release_buffers(connection);
    }
    report(count, now() - began, cpu() - cpu_began);
    settle(connection);
    return 0;
}
