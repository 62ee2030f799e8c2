"""The names of everything kept in Redis, in one place.

``bigan:{U}:lock`` (who works for the user), ``bigan:{U}:session``, ``bigan:{U}:notebook`` and ``bigan:{U}:delivery:D``,
where U and D are keyed hashes of the user and of the delivery. The braces are a Redis Cluster hash tag: one user's keys
share a slot, which a script that touches all four needs.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache


@lru_cache(maxsize=4096)
def pseudonym(salt: bytes, text: str, length: int = 32) -> str:
    """Return ``length`` hex digits (at most 64) of HMAC-SHA256 over ``text``.

    User ids are short and guessable: without a secret ``salt`` whoever reads the result can try all of them.
    """
    return hmac.digest(salt, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:length]


class Keys:
    """Builds key names, so that no user id and no delivery id is readable in Redis."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    def conversation(self, user: str, delivery: str | None) -> list[str]:
        """Return the keys one message touches: lock, session, notebook and, when there is one, delivery."""
        owner = f"bigan:{{{pseudonym(self._salt, user)}}}"
        keys = [f"{owner}:lock", f"{owner}:session", f"{owner}:notebook"]
        if delivery is not None:
            keys.append(f"{owner}:delivery:{pseudonym(self._salt, delivery)}")
        return keys

    def readiness(self) -> str:
        """Return the key that is written to find out whether Redis takes writes."""
        return "bigan:readiness"
