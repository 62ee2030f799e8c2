"""What a view of the library shows is remembered: many users look at the same outline, and 返回 shows it again."""

from __future__ import annotations

from functools import partial, wraps

from handlers.context import Present
from handlers.dialogue import View
from handlers.reply import Reply
from knowledge.library import Library


def remembered(present: Present) -> Present:
    """Let ``present`` be asked once for each view, library and year, as long as the library recalls it."""

    @wraps(present)
    def show(view: View, library: Library, year: int) -> Reply:
        return library.recall((present, view, year), partial(present, view, library, year))

    return show
