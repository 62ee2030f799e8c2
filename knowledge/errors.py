"""What can go wrong in the knowledge layer, as one tree. Every message is Chinese and says what to do next.

KnowledgeError
├── DictionaryError       a word list that can't be read
├── ContentsError         entries that don't fit together: a repeated id, a source that is not in the base
├── StoreError            a knowledge base on disk
│   ├── BaseMissingError   none there
│   ├── BaseDamagedError   files missing, changed or cut short
│   ├── BaseOutdatedError  built by another version of the program or of the analysis
│   └── BaseBusyError      another build holds the lock
├── SearchError           the search engine failed
└── EvaluationError       an evaluation set that can't be read

Domain tables have their own ``TableError`` (``knowledge.tables``): it is a slip of the program's own files.
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Anything the knowledge layer reports to an operator."""


class DictionaryError(KnowledgeError):
    """A word list can't be read, or one of its lines can't be understood."""


class ContentsError(KnowledgeError):
    """Entries that don't fit together."""


class StoreError(KnowledgeError):
    """A knowledge base on disk can't be used."""


class BaseMissingError(StoreError):
    """There is no knowledge base in the folder."""


class BaseDamagedError(StoreError):
    """A file of the knowledge base is missing, changed or cut short."""


class BaseOutdatedError(StoreError):
    """The knowledge base was built by another version of the program or of the analysis."""


class BaseBusyError(StoreError):
    """Another process is building this knowledge base."""


class SearchError(KnowledgeError):
    """The search engine could not open, write or search its index."""


class EvaluationError(KnowledgeError):
    """An evaluation set is incomplete or malformed."""
