"""Knowledge bases on disk: written atomically, versioned, checksummed, read-only when served.

``write_base`` and ``update_base`` build, ``open_base`` serves, ``Follower`` notices a newer version.
"""

from knowledge.contents import Contents, Problem
from knowledge.store.base import KnowledgeBase, open_base, read_contents
from knowledge.store.building import update_base, write_base
from knowledge.store.folder import Follower
from knowledge.store.manifest import Manifest

__all__ = [
    "Contents",
    "Follower",
    "KnowledgeBase",
    "Manifest",
    "Problem",
    "open_base",
    "read_contents",
    "update_base",
    "write_base",
]
