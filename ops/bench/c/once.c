// SPDX-License-Identifier: Apache-2.0
// usage: once QUEUE [idle]: start, consume one message, exit; or stay, consuming, until killed.
#include "amqp.h"

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    amqp_connection_state_t connection = connect_broker();
    consume(connection, argv[1], 64);
    if (argc == 3) puts("ready"), fflush(stdout);
    do {
        amqp_envelope_t envelope;
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("consume");
        if (amqp_basic_ack(connection, 1, envelope.delivery_tag, 0)) die("ack");
        amqp_destroy_envelope(&envelope);
    } while (argc == 3);
    settle(connection);
    return 0;
}
