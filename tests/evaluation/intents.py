"""How often a message is understood as what it means: ``python -m tests.evaluation.intents FILE``.

FILE holds one JSON object per line with ``text`` and ``intent``, the intents in any of the names below. Prints a table by
intent and every miss. The messages are understood without history.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.commands.shared import open_shelf
from handlers.grammar import Grammar
from handlers.understanding import understand
from knowledge.library import Library

MEANINGS: dict[str, frozenset[str]] = {
    "fact": frozenset({"rule", "term", "check"}),
    "term_check": frozenset({"validity", "term", "usage"}),
    "doc_kind_diff": frozenset({"difference"}),
    "proofread": frozenset({"check"}),
    "paste_long": frozenset({"check"}),
    "placeholder": frozenset({"check", "blanks"}),
    "outline_extract": frozenset({"extract"}),
    "outline": frozenset({"outline", "section_outline"}),
    "unclear": frozenset({"menu", "phrase"}),
    "menu": frozenset({"menu", "outline"}),
    "gibberish": frozenset({"fallback", "menu", "select"}),
    "phrase": frozenset({"phrase", "problem", "plan", "opening", "closing", "cause", "term", "refine"}),
    "problem": frozenset({"problem", "phrase"}),
    "heading": frozenset({"heading"}),
    "generate_full": frozenset({"full_text"}),
    "refuse_fabricate": frozenset({"fabricate", "copy_report"}),
    "refuse_sensitive": frozenset({"leaders"}),
    "refuse_secret": frozenset({"secret"}),
    "privacy": frozenset({"identity_number", "others_data"}),
    "offtopic": frozenset({"off_topic"}),
    "settings": frozenset({"profile_set", "profile_forget"}),
    "multi": frozenset({"outline"}),
    "help": frozenset({"help", "identity"}),
    "checklist": frozenset({"checklist", "blanks"}),
    "unsupported_media": frozenset({"media"}),
    "import_doc": frozenset({"media"}),
    "followup_change": frozenset({"change"}),
    "followup_expand": frozenset({"expand", "section_phrase"}),
    "followup_select": frozenset({"select"}),
    "followup_more": frozenset({"more"}),
    "followup_page": frozenset({"more", "previous"}),
    "followup_back": frozenset({"back"}),
    "followup_reset": frozenset({"reset"}),
    "followup_source": frozenset({"source", "original", "feedback"}),
    "followup_refine": frozenset({"refine", "profile_set", "merge"}),
    "favourite_del": frozenset({"favourite_delete"}),
    "draft_edit": frozenset({"draft_move", "draft_delete"}),
    "draft_stat": frozenset({"draft_count"}),
}
"""The intents of ours that each name stands for; a name that is not here stands for itself."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A message that was understood as something else."""

    text: str
    wanted: str
    got: str


def find_misses(messages: list[tuple[str, str]], grammar: Grammar, library: Library) -> list[Miss]:
    """Return the messages (text, intent) whose meaning was missed."""
    misses = []
    for text, wanted in messages:
        got = understand(text, grammar, library).intent
        if got not in MEANINGS.get(wanted, frozenset({wanted})):
            misses.append(Miss(text, wanted, got))
    return misses


def main(file: Path) -> None:
    """Print the table and the misses."""
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    messages = [(entry["text"], entry["intent"]) for entry in entries]
    shelf = open_shelf()
    misses = find_misses(messages, shelf.grammar, shelf.library(shelf.open()))
    counts, missed = Counter(intent for _, intent in messages), Counter(miss.wanted for miss in misses)
    for intent, count in sorted(counts.items()):
        print(f"{intent:18} {count - missed[intent]:4}/{count}")
    print(f"{'all':18} {len(messages) - len(misses):4}/{len(messages)} = {1 - len(misses) / len(messages):.3f}")
    for miss in misses:
        print(f"{miss.wanted} -> {miss.got}: {miss.text[:80]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
