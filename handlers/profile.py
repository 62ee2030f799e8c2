"""Profile (设置): the unit, year and level a user writes for, and what they do to the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from handlers.context import Context
from handlers.dialogue import Session, Turn
from handlers.notebook import Notebook, Profile
from handlers.reply import (
    Block,
    Choices,
    HeadingBlock,
    Item,
    Moves,
    OutlineBlock,
    Paragraph,
    PassageBlock,
    Reply,
    Title,
)
from handlers.texts import profile as texts

EARLIEST_YEAR, LATEST_YEAR = 2012, 2099

LEVELS = {
    "支部": ("支部", "党支部", "机关支部", "基层支部"),
    "党组": ("党组", "局党组"),
    "党委": ("党委", "机关党委", "机关"),
    "企业": ("企业", "国企", "国有企业", "公司"),
    "学校": ("学校", "高校", "大学"),
    "医院": ("医院", "卫生院"),
    "村（社区）": ("村", "农村", "社区", "村支部", "村（社区）"),
    "乡镇街道": ("乡镇", "街道", "乡镇街道"),
}
"""The levels (口径) one can write for, with the words people use for them."""

_BLANKS = re.compile("【(单位|年份|上年份|下年份)】")


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills the blanks that the profile knows: the unit, and the years around the one written for."""

    profile: Profile
    year: int

    def __call__(self, text: str) -> str:
        """Return ``text`` with 【单位】, 【年份】, 【上年份】 and 【下年份】 filled in; a blank that nobody filled stays."""
        return _BLANKS.sub(self._fill, text) if "【" in text else text

    def _fill(self, blank: re.Match[str]) -> str:
        if blank[1] == "单位":
            return self.profile.unit or blank[0]
        if self.profile.year is None:
            return blank[0]
        return str(self.year + {"年份": 0, "上年份": -1, "下年份": 1}[blank[1]])

    def reply(self, reply: Reply) -> Reply:
        """Return a reply with the blanks of its texts filled in."""
        if self.profile.unit is None and self.profile.year is None:
            return reply
        return replace(reply, blocks=tuple(self._block(block) for block in reply.blocks))

    def _block(self, block: Block) -> Block:
        match block:
            case Title(text=text):
                return Title(self(text))
            case Paragraph(text=text):
                return Paragraph(self(text))
            case OutlineBlock(items=items):
                return OutlineBlock(self._items(items))
            case PassageBlock(items=items):
                return PassageBlock(self._items(items))
            case HeadingBlock(items=items):
                return HeadingBlock(self._items(items))
            case Choices(items=items):
                return Choices(self._items(items))
            case _:
                return block

    def _items(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(replace(item, text=self(item.text)) for item in items)


def answer_profile_set(context: Context) -> Turn:
    """Answer 我们单位叫市住建局, 年份默认2026, 以后都用支部口径, 开启按钮."""
    profile = context.notebook.profile
    if context.slot("buttons_on"):
        if not context.takes_cards:
            return context.say(texts.NO_BUTTONS_HERE, found=False)
        changed, receipt = replace(profile, buttons=True), texts.BUTTONS_ON
    elif context.slot("buttons_off"):
        changed, receipt = replace(profile, buttons=False), texts.BUTTONS_OFF
    elif unit := context.slot("unit"):
        changed, receipt = replace(profile, unit=unit), texts.unit_kept(unit)
    elif named := context.slot("kind"):
        kind = context.library.questions.read(named).kind
        if kind is None:
            return context.say(texts.no_such_kind(named), found=False)
        name = context.library.kind_name(kind)
        changed, receipt = replace(profile, kind=kind), texts.kind_kept(name)
    elif (word := context.slot("year")) and word.isdecimal():
        year = int(word)
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            return context.say(texts.no_such_year(EARLIEST_YEAR, LATEST_YEAR), found=False)
        changed, receipt = replace(profile, year=year), texts.year_kept(year)
    else:
        wanted = context.slot("level") or ""
        level = next((name for name, words in LEVELS.items() if wanted in words), None)
        if level is None:
            return context.say(texts.no_such_level(wanted, tuple(LEVELS)), found=False)
        held = context.library.holds_level(level)
        changed, receipt = replace(profile, level=level), texts.level_kept(level, held=held)
    return context.keep(replace(context.notebook, profile=changed), receipt, Moves(("我的设置",)))


def answer_profile_forget(context: Context) -> Turn:
    """Answer 忘掉我的单位."""
    which = context.slot("which") or ""
    profile = context.notebook.profile
    if "单位" in which:
        changed, name = replace(profile, unit=None), "单位名称"
    elif "年份" in which:
        changed, name = replace(profile, year=None), "默认年份"
    elif "文种" in which:
        changed, name = replace(profile, kind=None), "默认文种"
    elif "口径" in which:
        changed, name = replace(profile, level=None), "口径"
    else:
        changed, name = Profile(), "全部设置"
    return context.keep(replace(context.notebook, profile=changed), texts.forgotten(name))


def answer_profile_show(context: Context) -> Turn:
    """Answer 我的设置: everything that is kept of the user."""
    kept, profile = context.notebook, context.notebook.profile
    return context.say(
        texts.settings(
            profile.unit,
            profile.year,
            context.library.kind_name(profile.kind) if profile.kind else None,
            profile.level,
            buttons=profile.buttons,
            favourites=len(kept.favourites),
            lines=len(kept.draft.lines),
        ),
        Moves(("我的收藏", "看看草稿", "清除我的数据")),
    )


def answer_wipe(context: Context) -> Turn:
    """Answer 清除我的数据: everything goes, at once; that is what was asked for."""
    turn = context.say(texts.WIPED)
    return replace(turn, session=Session(), notebook=Notebook(), remark=False)
