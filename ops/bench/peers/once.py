# SPDX-License-Identifier: Apache-2.0
"""pika as a peer: start, consume one message, exit."""

import os
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.basic_qos(prefetch_count=64)
for method, _, _ in channel.consume(sys.argv[1]):
    channel.basic_ack(method.delivery_tag)
    break
connection.close()
