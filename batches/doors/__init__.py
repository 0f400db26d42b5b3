"""Doors: what the outside says has happened. Events of the bucket come in, dead messages are kept.

sqs       the queue, and when it is away
message   body → records | why it cannot be read     pure
admit     one record → taken in, known, ignored, letter
handle    one message → all its records
keep      a message that comes to nothing → StrayMessage + DeadLetter
hold      messages in hand stay hidden from others
consume   receive → handle → delete, until asked to stop
drain     dead-letter queues → the database
aws       bucket notifications, topic, queues and lifecycle rules of a development account
"""
