// SPDX-License-Identifier: Apache-2.0
// usage: latency FROM TO COUNT: one message in flight; publish to FROM, receive it, publish to TO,
// have that confirmed.
#include "amqp.h"

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[3]);
    amqp_connection_state_t producer = connect_broker(), worker = connect_broker();
    if (!amqp_confirm_select(worker, 2)) die("confirm.select");
    consume(worker, argv[1], 64);
    static char text[1024];
    memset(text, 'x', sizeof text);
    amqp_bytes_t body = {sizeof text, text};
    double *took = calloc(count, sizeof *took);
    for (long i = 0; i < count; i++) {
        double began = now();
        publish(producer, 1, argv[1], body);
        amqp_envelope_t envelope;
        amqp_rpc_reply_t reply = amqp_consume_message(worker, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("consume");
        publish(worker, 2, argv[2], envelope.message.body);
        amqp_frame_t frame;
        do {
            if (amqp_simple_wait_frame(worker, &frame)) die("wait");
        } while (frame.frame_type != AMQP_FRAME_METHOD ||
                 frame.payload.method.id != AMQP_BASIC_ACK_METHOD);
        took[i] = now() - began;
        if (amqp_basic_ack(worker, 1, envelope.delivery_tag, 0)) die("ack");
        amqp_destroy_envelope(&envelope);
        amqp_maybe_release_buffers(worker);
    }
    settle(worker);
    settle(producer);
    qsort(took, count, sizeof *took, ascending);
    printf("{\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", took[count / 2] * 1e3,
           took[count * 99 / 100] * 1e3);
    return 0;
}
