# SPDX-License-Identifier: Apache-2.0
"""pika as a peer: `amqp.py publish QUEUE COUNT WINDOW` and `amqp.py consume QUEUE COUNT PREFETCH`.

Prints what the C programs print: {"rate": messages per second, "cpu_us": CPU per message}.
"""

import json
import os
import sys
import time

import pika


def report(count, began, cpu_began):
    seconds = time.monotonic() - began
    cpu = time.process_time() - cpu_began
    print(json.dumps({"rate": round(count / seconds, 1), "cpu_us": round(cpu * 1e6 / count, 3)}))


class Publisher:
    """Confirmed publishing with a window, on pika's fastest adapter."""

    def __init__(self, queue, count, window):
        self.queue, self.count, self.window = queue, count, window
        self.sent = self.confirmed = 0
        self.properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        self.connection = pika.SelectConnection(
            pika.URLParameters(os.environ["AMQP_URL"]),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.opened),
        )
        self.connection.ioloop.start()

    def opened(self, channel):
        self.channel = channel
        channel.confirm_delivery(
            self.acknowledged, callback=lambda _: self.fill(start=True))

    def fill(self, start=False):
        if start:
            self.began, self.cpu_began = time.monotonic(), time.process_time()
        while self.sent < self.count and self.sent - self.confirmed < self.window:
            self.channel.basic_publish("", self.queue, b"x" * 1024, self.properties, mandatory=True)
            self.sent += 1

    def acknowledged(self, frame):
        method = frame.method
        assert method.NAME == "Basic.Ack"
        self.confirmed = method.delivery_tag if method.multiple else self.confirmed + 1
        if self.confirmed >= self.count:
            report(self.count, self.began, self.cpu_began)
            self.connection.ioloop.stop()
        else:
            self.fill()


class Consumer:
    """Consuming with an acknowledgement for each message."""

    def __init__(self, queue, count, prefetch):
        self.queue, self.count, self.prefetch, self.received = queue, count, prefetch, 0
        self.connection = pika.SelectConnection(
            pika.URLParameters(os.environ["AMQP_URL"]),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.opened),
        )
        self.connection.ioloop.start()

    def opened(self, channel):
        self.began, self.cpu_began = time.monotonic(), time.process_time()
        channel.basic_qos(prefetch_count=self.prefetch)
        channel.basic_consume(self.queue, self.delivered)

    def delivered(self, channel, method, properties, body):
        channel.basic_ack(method.delivery_tag)
        self.received += 1
        if self.received == self.count:
            report(self.count, self.began, self.cpu_began)
            self.connection.add_on_close_callback(lambda *_: self.connection.ioloop.stop())
            self.connection.close()


if __name__ == "__main__":
    verb, queue, count, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    (Publisher if verb == "publish" else Consumer)(queue, count, limit)
