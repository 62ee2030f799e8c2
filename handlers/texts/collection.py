"""What is said about favourites, the draft, the blanks and the export."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING_TO_KEEP = "现在没有可以收的内容。先要几条例句或一份提纲，例如“主题党日例句”。"
NO_FAVOURITES = "还没有收藏。看到合用的例句，回复“收藏2”就存下第2条。"
NO_DRAFT = (
    "草稿还是空的。先要一份提纲，例如“党建工作总结提纲”，回复“加入草稿”；例句回复“加入1、3”，会放到对应的标题下。"
)
EMPTY_LINE = "没有看到要加入的文字。例如“加入草稿：本月组织集中学习【X次】。”"
DRAFT_CLEARED = "草稿已清空，收藏没有动。"
FAVOURITES_CLEARED = "收藏已清空，草稿没有动。"
NOT_CLEARED = "好的，没有动。"
NOTHING_TO_CONFIRM = "好的。需要时直接说要写什么，例如“党建总结提纲”。"
WHICH_DELETE = "要删的是哪一个？回复数字："
AT_THE_TOP = "文首"
AT_THE_END = "文末"
SWAP_TWO = "对调要说两条，例如“草稿1和3对调”。"
NO_BLANKS = "没有要填的空。"
KEEP_RECORDS = "台账随手留：会议记录、签到表、通知、照片、总结各一份，年底对得上。"
FILL_YOUR_OWN = "数字请用你们自己的台账，我不编。"
NO_OUTLINE_FOR_BLANKS = "先要一份提纲或加几条到草稿，再要数据清单。例如“党建工作总结提纲”。"
NO_FILE_HERE = "这里发不了文件（没有配置应用凭证），下面是草稿全文，可以复制到Word里。"
FILE_REFUSED = "文件现在发不出去，过一会儿可以再发“导出”。下面先给草稿全文，可以复制到Word里。"
NO_MAIL = "发不了邮箱。导出的Word会作为文件消息发来；发不了文件的地方，就发全文给您复制。"
NO_PDF = "只导出Word（docx）。要PDF，在Word或WPS里打开后另存为PDF即可。"
FONTS = "版式按GB/T 9704：标题2号小标宋，正文3号仿宋，一级黑体、二级楷体；电脑没有这些字体时会用相近的代替。"
UNPLACED = "（未归入标题）"


def favoured(count: int, total: int) -> str:
    """Receipt for favourites."""
    return f"已收藏{count}条，收藏夹现有{total}条。"


def already_kept(count: int) -> str:
    """Say that what was to be kept is there already."""
    return "这条已经在收藏里了。" if count == 1 else f"这{count}条已经在收藏里了。"


def favourites_full(most: int) -> str:
    """Say that the favourites are full."""
    return f"收藏夹最多存{most}条，已经满了。先删掉几条，例如“删掉收藏1”。"


def favourites_title(first: int, last: int, total: int) -> str:
    """Title of a page of favourites."""
    return f"【收藏】第{first}–{last}条，共{total}条" if last > first else f"【收藏】第{first}条，共{total}条"


def deleted(numbers: Sequence[int], place: str, left: int) -> str:
    """Receipt for deleted lines."""
    return f"已从{place}删掉第{'、'.join(map(str, numbers))}条，还有{left}条。"


def outline_added(title: str, count: int) -> str:
    """Receipt for an outline that became the draft's."""
    return f"草稿已按“{title}”的提纲开头，共{count}个标题。"


def outline_replaced(title: str, count: int) -> str:
    """Receipt for a draft rearranged under a new outline."""
    return f"草稿已换成“{title}”的提纲，原有{count}条按内容放到了新标题下。"


def ask_replace(headings: int, lines: int) -> str:
    """Ask before a draft's outline is replaced."""
    return f"草稿里已有一份提纲（{headings}个标题、{lines}条）。换成这份吗？已有的{lines}条会按内容放到新标题下。"


def lines_added(placed: Sequence[tuple[int, str]], total: int) -> str:
    """Receipt for lines put under headings: how many went where."""
    ends = (AT_THE_TOP, AT_THE_END)
    where = "；".join(
        f"{count}条放在{heading}" if heading in ends else f"{count}条放在“{heading}”" for count, heading in placed
    )
    return f"已加入草稿：{where}。草稿现有{total}条。"


def lines_without_outline(count: int, total: int) -> str:
    """Receipt for lines in a draft that has no headings yet."""
    return f"已加入草稿{count}条，现有{total}条。还没有提纲：先要一份提纲再回复“加入草稿”，这些会自己归到标题下。"


def already_drafted(total: int) -> str:
    """Say that the lines are in the draft already."""
    return f"草稿里已经有了，没有重复加。草稿现有{total}条。"


def draft_full(most: int) -> str:
    """Say that the draft is full."""
    return f"草稿最多{most}条，已经满了。可以先导出，或删掉几条。"


def line_too_long(most: int) -> str:
    """Say that a line of the user's own is too long."""
    return f"这一段超过{most}字，请分成几段加。"


def headings_added(count: int) -> str:
    """Receipt for headings put into the draft."""
    return f"已把{count}个小标题加入草稿。"


def draft_title(title: str, lines: int, characters: int, blanks: int) -> str:
    """First line of the draft."""
    blank = f"，{blanks}处空" if blanks else ""
    return f"【草稿】{title or '未命名'}　{lines}条，约{characters}字{blank}"


def draft_source(source: str) -> str:
    """Say where the outline of the draft is from."""
    return f"提纲出处：{source}"


def moved(number: int, heading: str) -> str:
    """Receipt for a moved line."""
    return f"第{number}条已移到{f'“{heading}”下' if heading else '新的位置'}。"


def swapped(first: int, second: int) -> str:
    """Receipt for two lines that changed places."""
    return f"第{first}条和第{second}条已对调。"


def no_such_heading(word: str) -> str:
    """Say that the draft has no heading of that number."""
    return f"草稿里没有“{word}”这个标题。发“看看草稿”看有哪些。"


def ask_clear(headings: int, lines: int) -> str:
    """Ask before the draft is emptied."""
    return f"确定清空草稿吗？里面有{headings}个标题、{lines}条。回复“确认”清空，回复“取消”不动。"


def ask_clear_favourites(count: int) -> str:
    """Ask before the favourites are emptied."""
    return f"确定清空{count}条收藏吗？回复“确认”清空，回复“取消”不动。"


def counted(title: str, characters: int, lines: int, own: int, blanks: int) -> str:
    """Say how long the draft is."""
    mine = f"，其中自己写的{own}条" if own else ""
    empty = f"；还有{blanks}处空没填" if blanks else ""
    return f"草稿“{title or '未命名'}”：约{characters}字，{lines}条{mine}{empty}。"


def retitled(title: str) -> str:
    """Receipt for a new title."""
    return f"草稿标题改为“{title}”。"


def exported(name: str, blanks: int) -> str:
    """Say what was exported."""
    left = f"，还有{blanks}处空没填（已标黄，清单在最后一页）" if blanks else ""
    return f"【导出】《{name}》已生成{left}，随后发到。最后附数据清单和出处，定稿前请删去。"


def mostly_verbatim(percent: int) -> str:
    """Warn that a draft is mostly copied."""
    return f"注意：草稿约{percent}%的文字与库内材料相同，直接上交容易被认定雷同，请改成自己的话。"


def dated_lines(numbers: Sequence[int], year: int) -> str:
    """Warn of dated wording in the draft."""
    return f"第{'、'.join(map(str, numbers))}条有旧年份的提法（⚠），写{year}年的材料前请核对。"


def blanks_title(name: str, count: int) -> str:
    """Title of the list of blanks."""
    return f"【数据清单】{name}　共{count}项"


def option_favourite(number: int) -> str:
    """Option: delete from the favourites."""
    return f"删掉收藏{number}"


def option_draft(number: int) -> str:
    """Option: delete from the draft."""
    return f"删掉草稿{number}"


def figures_source(source: str) -> str:
    """Say what the list of usual figures rests on."""
    return f"依据：{source}"
