"""The catalogue (规则总表): every rule of the checker in one place, and docs/rules.md written from the declarations.

``python -m knowledge.checking.catalogue docs/rules.md`` writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from knowledge.checking import (
    blanks,
    dated,
    emptiness,
    figures,
    forms,
    formulas,
    frequency,
    numbering,
    punctuation,
    quoted,
    slips,
    units,
    web,
    wording,
    years,
)
from knowledge.checking.model import Category, Example, Level, Rule
from knowledge.tables import TableError
from knowledge.tableset import TableSet

_LEVELS = {
    Level.WRONG: "怎样理解都不对，应当改",
    Level.DOUBTFUL: "多半不对，请看一眼",
    Level.HINT: "没有写错，但没有写完或可以写得更好",
}
_SHOWN = 3
"""How many examples of each side the page shows."""


def compose(tables: TableSet) -> tuple[Rule, ...]:
    """Return every rule of the checker, by category; raises ``TableError`` for any slip in a table."""
    formulations = tables.registry.formulations
    rules = (
        *wording.rules(tables.gate, tables.offices),
        *formulas.rules(formulations, tables.validity.campaigns),
        *quoted.rules(formulations),
        *dated.rules(tables.validity, formulations),
        *years.rules(),
        *numbering.rules(),
        *blanks.rules(tables.gate.masks),
        *figures.rules(),
        *slips.rules(),
        *punctuation.rules(),
        *forms.rules(),
        *web.rules(),
        *frequency.rules(tables.registry.rules),
        *units.rules(),
        *emptiness.rules(),
    )
    order = list(Category)
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise TableError(f"校对规则：编号“{'”“'.join(twice)}”重复")
    return tuple(sorted(rules, key=lambda rule: order.index(rule.category)))


def render(rules: Sequence[Rule]) -> str:
    """Return docs/rules.md: each rule with level, source and examples both ways, by category."""
    counts = "、".join(f"{level.value}{sum(rule.level is level for rule in rules)}条" for level in Level)
    lines = [
        "# 校对规则",
        "",
        "本页由规则声明生成（`python -m knowledge.checking.catalogue docs/rules.md`），请不要手改：改规则后重新生成，测试会核对。",
        "",
        f"共{len(rules)}条：{counts}。宁可漏报，不愿错报；每条规则都有必须报和不得报的例子，测试逐条运行。"
        f"没有注明年份的例子按{Example('').year}年检查。",
        "",
        "| 级别 | 意思 |",
        "|---|---|",
        *(f"| {level.value} | {meaning} |" for level, meaning in _LEVELS.items()),
    ]
    for category in Category:
        members = [rule for rule in rules if rule.category is category]
        if members:
            lines += ["", f"## {category.value}（{len(members)}条）"]
            for rule in members:
                lines += _entry(rule)
    return "\n".join(lines) + "\n"


def _entry(rule: Rule) -> Iterator[str]:
    yield from ("", f"### {rule.title}", "", f"{rule.level.value} · `{rule.id}` · 依据：{rule.source}", "")
    yield from (f"- 报：{_example(example)}" for example in rule.flags[:_SHOWN])
    yield from (f"- 不报：{_example(example)}" for example in rule.misses[:_SHOWN])


def _example(example: Example) -> str:
    """Return an example in one line, with what it depends on."""
    text = example.text.replace("\n", "⏎").replace("\r", "").replace("\t", " ")
    known = [f"单位：{example.unit}"] if example.unit else []
    if example.year != Example("").year:
        known.insert(0, f"{example.year}年")
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" + (f"（{'，'.join(known)}）" if known else "")


def main(arguments: Iterable[str]) -> None:
    """Write the page to the path given, or to the terminal."""
    page = render(compose(TableSet.load()))
    for argument in arguments:
        Path(argument).write_text(page, encoding="utf-8")
        return
    sys.stdout.write(page)


if __name__ == "__main__":
    main(sys.argv[1:])
