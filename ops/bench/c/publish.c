// SPDX-License-Identifier: Apache-2.0
// usage: publish QUEUE COUNT WINDOW: confirmed publishes of 1 KiB with at most WINDOW outstanding.
#include "amqp.h"

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[2]), window = atol(argv[3]), sent = 0, confirmed = 0;
    amqp_connection_state_t connection = connect_broker();
    if (!amqp_confirm_select(connection, 1)) die("confirm.select");
    static char text[1024];
    memset(text, 'x', sizeof text);
    amqp_bytes_t body = {sizeof text, text};
    double began = now(), cpu_began = cpu();
    while (confirmed < count) {
        while (sent < count && sent - confirmed < window) {
            publish(connection, 1, argv[1], body);
            sent++;
        }
        amqp_frame_t frame;
        if (amqp_simple_wait_frame(connection, &frame)) die("wait");
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("confirm");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        // Without gaps in the acknowledgements of one queue, the tag is the count.
        if (ack->multiple) confirmed = (long)ack->delivery_tag;
        else confirmed++;
        amqp_maybe_release_buffers(connection);
    }
    report(count, now() - began, cpu() - cpu_began);
    settle(connection);
    return 0;
}
