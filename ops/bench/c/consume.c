// SPDX-License-Identifier: Apache-2.0
// usage: consume QUEUE COUNT PREFETCH ACK_EVERY
#include "amqp.h"

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    long count = atol(argv[2]), every = atol(argv[4]);
    amqp_connection_state_t connection = connect_broker();
    double began = now(), cpu_began = cpu();
    consume(connection, argv[1], atoi(argv[3]));
    for (long received = 1; received <= count; received++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("consume");
        if (received % every == 0 || received == count)
            if (amqp_basic_ack(connection, 1, envelope.delivery_tag, every > 1)) die("ack");
        amqp_destroy_envelope(&envelope);
    }
    double cpu_ended = cpu();
    settle(connection);
    report(count, now() - began, cpu_ended - cpu_began);
    return 0;
}
