"""Rules on marks that come in pairs (成对标点): quotation marks, brackets and book-title marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knowledge.checking.declaring import PUNCTUATION, STANDARD, Hit, told_once
from knowledge.checking.model import Copy, Level, Rule
from knowledge.checking.pairs import PairFault, PairProblem, closing_of, find_pair_problems

_NAMES = {
    "“": ("前引号“", "后引号”"),
    "‘": ("前单引号‘", "后单引号’"),
    "（": ("前括号（", "后括号）"),
    "《": ("前书名号《", "后书名号》"),
    "〈": ("前单书名号〈", "后单书名号〉"),
    "【": ("前括号【", "后括号】"),
    "〔": ("前括号〔", "后括号〕"),
}


def rules() -> tuple[Rule, ...]:
    """Return the rules on marks that come in pairs."""
    return (_reversed(), _pair(), _nested_title(), _nested_quote())


def _of_pairs(
    fault: PairFault, families: str, word: Callable[[Copy, PairProblem], tuple[str, str | None]]
) -> Callable[[Copy], Iterator[Hit]]:
    def look(copy: Copy) -> Iterator[Hit]:
        for problem in find_pair_problems(copy):
            if problem.fault is fault and problem.opening in families:
                yield Hit(problem.start, problem.end, *word(copy, problem))

    return look


def _reversed() -> Rule:
    def word(copy: Copy, problem: PairProblem) -> tuple[str, str | None]:
        closes = copy.text[problem.start] == problem.opening
        right = closing_of(problem.opening) if closes else problem.opening
        return f"引号方向反了，这里应为{_NAMES[problem.opening][closes]}", right

    return PUNCTUATION.rule(
        "punct.reversed",
        Level.WRONG,
        "引号方向反了",
        _of_pairs(PairFault.REVERSED, "“‘", word),
        source=f"{STANDARD}4.8",
        flags=("落实“三会一课“，做好记录。", "严格落实，”一岗双责”责任。"),
        misses=("落实“三会一课”，做好记录。", "落实“三会一课”“主题党日”制度。"),
    )


def _pair() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for problem in find_pair_problems(copy):
            opening, closing = _NAMES[problem.opening]
            if problem.fault is PairFault.UNCLOSED:
                yield Hit(problem.start, problem.end, f"{opening}没有配对的{closing}")
            elif problem.fault is PairFault.UNOPENED:
                yield Hit(problem.start, problem.end, f"{closing}没有配对的{opening}")

    return PUNCTUATION.rule(
        "punct.pair",
        Level.DOUBTFUL,
        "引号、括号、书名号不配对",
        lambda copy: told_once(look(copy)),
        source=f"{STANDARD}4.8、4.9、4.15",
        flags=("落实“三会一课制度，做好记录。", "学习《条例、掌握要求。", "召开党员大会（扩大会议，研究工作。"),
        misses=(
            "落实“三会一课”制度（含主题党日），学习《条例》。",
            "1）抓学习；2）抓组织。",
            "他说：“要抓学习。\n“要抓组织。”",
        ),
    )


def _nested_title() -> Rule:
    def word(copy: Copy, problem: PairProblem) -> tuple[str, str | None]:
        right = f"〈{copy.text[problem.start + 1 : problem.end - 1]}〉"
        return "书名号里再用书名号，里层应为〈〉", right

    return PUNCTUATION.rule(
        "punct.nested-title",
        Level.WRONG,
        "书名号套用",
        _of_pairs(PairFault.NESTED, "《", word),
        source=f"{STANDARD}4.15",
        flags=("转发《关于学习《条例》的通知》。", "印发《关于贯彻《规定》的实施办法》和《要点》。"),
        misses=("转发《关于学习〈条例〉的通知》。", "印发《规定》和《要点》。"),
    )


def _nested_quote() -> Rule:
    def word(copy: Copy, problem: PairProblem) -> tuple[str, str | None]:
        return "引号里再用引号，里层应为‘’", f"‘{copy.text[problem.start + 1 : problem.end - 1]}’"

    return PUNCTUATION.rule(
        "punct.nested-quote",
        Level.DOUBTFUL,
        "引号套用",
        _of_pairs(PairFault.NESTED, "“", word),
        source=f"{STANDARD}4.8",
        flags=("提出“抓好“三会一课”制度落实”的要求。", "以“牢记“两个务必”、永葆清廉本色”为主题。"),
        misses=("提出“抓好‘三会一课’制度落实”的要求。", "开展“三会一课”“主题党日”。"),
    )
