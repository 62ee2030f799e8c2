"""What is to be sent actively (files, texts, cards) waits here until WeChat Work has taken it.

``protocol`` says what an outbox store promises, ``memory_store`` keeps the promise in one process, ``redis_store`` across
workers and restarts; ``courier`` takes the parcels to the API; ``service`` is what the application holds, ``dispatch`` what
a conversation does. Only the ``redis_*`` modules know Redis, by way of ``bot.stores.redis_links``.
"""
