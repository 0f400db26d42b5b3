"""RabbitMQ's queues: a quorum queue for wake-ups, and where it puts one that keeps killing its workers.

Declared by ourselves: Celery declares neither the dead-letter exchange nor the dead queue, and a letter that no queue
is bound for is dropped. The exchange of the wake-ups is a topic because Celery's delayed delivery needs one.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, bootsteps
from kombu import Exchange, Queue

WAKE_UP_DELIVERIES = 3  # RabbitMQ gives a message up when it comes back once more


def dead_queue(app: Celery) -> Queue:
    name = f"{app.conf.task_default_queue}.dead"
    exchange = Exchange(name, type="topic")
    return Queue(name, exchange, routing_key=name, queue_arguments={"x-queue-type": "quorum"})


def use_quorum_queues(app: Celery) -> None:
    """For RabbitMQ alone: the other brokers have no dead-letter exchange."""
    name = app.conf.task_default_queue
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": WAKE_UP_DELIVERIES,
        "x-dead-letter-exchange": dead_queue(app).exchange.name,
        "x-dead-letter-routing-key": dead_queue(app).routing_key,
    }
    queue = Queue(name, Exchange(f"{name}.wake", type="topic"), routing_key=name, queue_arguments=arguments)
    app.conf.task_queues = [queue]
    app.conf.update(
        task_default_exchange=queue.exchange.name, task_default_exchange_type="topic", task_default_routing_key=name
    )


def is_rabbitmq(app: Celery) -> bool:
    return str(app.conf.broker_url or "").startswith(("amqp", "pyamqp"))


class DeclareDeadQueue(bootsteps.StartStopStep):
    """Before a worker takes its first message, and whenever it has connected anew."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def __init__(self, consumer: Any, **_: Any) -> None:
        self.app = consumer.app

    def include_if(self, consumer: Any) -> bool:
        return is_rabbitmq(self.app)

    def start(self, consumer: Any) -> None:
        with consumer.connection.channel() as channel:
            dead_queue(self.app)(channel).declare()
