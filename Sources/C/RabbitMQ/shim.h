// SPDX-License-Identifier: Apache-2.0
#ifndef IMPRIMATUR_CRABBITMQ_SHIM_H
#define IMPRIMATUR_CRABBITMQ_SHIM_H

// Headers are flat in librabbitmq 0.11 and sit in rabbitmq-c/ from 0.12 on.
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#endif
