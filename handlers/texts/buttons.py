"""What stands on cards with buttons."""

WHICH_KIND = "要哪种文种的提纲？"
KIND = "文种"
NEXT = "接下来"
PASSED = "这张卡片上的内容已经翻过去了。请用最近的那张，或者再问一次。"
