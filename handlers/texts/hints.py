"""Hints for the first contact of a day, by what is shown."""

from __future__ import annotations

TRY_THESE = "要不从这里开始？回复数字："

OF_VIEW = {
    "outline": "小提示：回复“加入草稿”就按这份提纲拼稿，之后例句会自己归到标题下。",
    "skeleton": "小提示：回复“加入草稿”就按这份框架拼稿，之后例句会自己归到标题下。",
    "phrases": "小提示：回复“收藏2”存下第2条，“加入1、3”放进草稿。",
    "headings": "小提示：回复“例句2”看第2个标题下可以怎么写。",
}
"""A line for each kind of view; others need none."""
