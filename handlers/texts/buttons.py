"""What stands on cards with buttons."""

WHICH_KIND = "要哪种文种的提纲？"
KIND = "文种"
NEXT = "接下来"
