from __future__ import annotations

from tests.wecom.conftest import client, peer, receiver

__all__ = ["client", "peer", "receiver"]
