"""What is said when a user finds fault."""

from __future__ import annotations

WHAT_IS_WRONG = "抱歉。请告诉我是哪一条，例如“第2条过时了”“错了，应该是……”；以正式文件为准。"
WHICH_ONE = "抱歉。是哪一条？例如“第{last}条过时了”，我记下来，以后给您排到最后。"
NOTED = "谢谢指出，记下了：这条以后给您排到最后，条目编号已进日志供管理员核对（不含您的文字）。用词以正式文件为准。"
NOTED_OUTLINE = "谢谢指出，记下了。提纲照语料原样给出，可以看“出处”核对，或“换一个”；用词以正式文件为准。"


def check_yourself(right: str) -> str:
    """Offer to look the user's wording up."""
    return f"要核对您说的写法，发“检查：{right}”。"
