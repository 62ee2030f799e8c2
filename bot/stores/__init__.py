"""What keeps conversations: sessions, notebooks, and the deliveries that have been claimed and answered.

``protocol`` says what a store promises, ``memory_store`` and ``redis_store`` keep the promise in one process and across
processes, ``resilient`` answers from memory while Redis is away, ``reconciling`` and ``merging`` make one of two copies.
"""
