// SPDX-License-Identifier: Apache-2.0
// What the AMQP limit programs share: a plain librabbitmq client without any design of its own.
#ifndef IMPRIMATUR_BENCH_AMQP_H
#define IMPRIMATUR_BENCH_AMQP_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline void die(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static inline double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static inline double cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

// Connects as the environment variable AMQP_URL says and opens the channels 1 and 2.
static inline amqp_connection_state_t connect_broker(void) {
    const char *text = getenv("AMQP_URL");
    if (!text) die("AMQP_URL");
    char *copy = strdup(text);
    struct amqp_connection_info info;
    if (amqp_parse_url(copy, &info)) die("AMQP_URL");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (amqp_socket_open(socket, info.host, info.port)) die("connect");
    amqp_rpc_reply_t reply = amqp_login(connection, info.vhost, 0, 131072, 60,
                                        AMQP_SASL_METHOD_PLAIN, info.user, info.password);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("login");
    for (amqp_channel_t channel = 1; channel <= 2; channel++)
        if (!amqp_channel_open(connection, channel)) die("channel");
    return connection;
}

static inline void publish(amqp_connection_state_t connection, amqp_channel_t channel,
                           const char *queue, amqp_bytes_t body) {
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .delivery_mode = 2,
    };
    if (amqp_basic_publish(connection, channel, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0,
                           &properties, body))
        die("publish");
}

static inline void consume(amqp_connection_state_t connection, const char *queue, int prefetch) {
    if (!amqp_basic_qos(connection, 1, 0, prefetch, 0)) die("qos");
    if (!amqp_basic_consume(connection, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
                            amqp_empty_table))
        die("consume");
}

// Waits until the broker has seen everything this connection sent before.
static inline void settle(amqp_connection_state_t connection) {
    amqp_channel_close(connection, 1, AMQP_REPLY_SUCCESS);
    amqp_channel_close(connection, 2, AMQP_REPLY_SUCCESS);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

static inline void report(long count, double seconds, double cpu_seconds) {
    printf("{\"rate\": %.1f, \"cpu_us\": %.3f}\n", count / seconds, cpu_seconds * 1e6 / count);
}

#endif
