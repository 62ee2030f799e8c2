"""The caps of every reader, each with its reason.

A file beyond a cap is refused with a sentence for the user. The caps keep the work for one hostile file below about
one second and 100 MiB of memory beyond the input, and leave a wide margin over real reports: the longest provincial
work report has about 30 000 characters, a book-length yearbook about one million.
"""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

# Photographs make a docx or a PDF large, never its words; beyond this it is an album or a scan.
MAX_FILE_BYTES: Final = 32 * MIB
# txt, md and html hold nothing but words; two million characters of GB18030 or UTF-16 take 4 MiB, UTF-8 6 MiB.
MAX_TEXT_BYTES: Final = 8 * MIB
# Twice a yearbook; every later stage is linear in it.
MAX_CHARACTERS: Final = 2_000_000
# A paragraph of twenty characters on average at the cap above.
MAX_PARAGRAPHS: Final = 100_000
# Rows of a text file: a blank one behind each paragraph.
MAX_ROWS: Final = 200_000
# Seven times a whole provincial report without a single line break.
MAX_LINE_CHARACTERS: Final = 200_000

# A docx has 10–30 parts plus its pictures; the central directory is bounded before zipfile turns it into objects.
MAX_ZIP_ENTRIES: Final = 2_000
MAX_ZIP_DIRECTORY_BYTES: Final = 1 * MIB
# Everything unpacked together, though pictures are never unpacked here: such a file harms whoever opens it next.
MAX_ZIP_TOTAL_BYTES: Final = 256 * MIB
# XML deflates 10–30 times, rarely 100; deflate itself ends at 1032.
MAX_ZIP_RATIO: Final = 200
# Below this size even a high ratio is harmless (a table of equal rows).
ZIP_RATIO_FLOOR_BYTES: Final = 4 * MIB
# document.xml of a 30 000-character report is about 1 MiB when every word has its own formatting.
MAX_PART_BYTES: Final = 16 * MIB

# Word's own nesting stays below 60 even with tables inside text boxes inside tables.
MAX_XML_DEPTH: Final = 200
# Five elements for ten characters, at 400 000 characters; a yearbook with ordinary runs has some 150 000.
MAX_XML_ELEMENTS: Final = 200_000
# WordprocessingML has some 900 names.
MAX_XML_NAMES: Final = 5_000
# Word declares some 30 namespaces at the root and a few with every picture.
MAX_XML_NAMESPACES: Final = 20_000
# One tag with all its attributes or one comment; expat reads an unfinished one again with every piece fed to it.
MAX_XML_TAG_BYTES: Final = 256 * 1024

# Start tags, end tags and pieces of text of one page; a long article has about 5 000.
MAX_HTML_EVENTS: Final = 300_000
# Deeper elements count as text of the last one kept; real pages end near 40.
MAX_HTML_DEPTH: Final = 100

# A statute book; 2 000 characters a page fill MAX_CHARACTERS.
MAX_PDF_PAGES: Final = 1_000
# Processor time for opening and for each page: a page of text takes 5–30 ms.
PDF_STEP_CPU_SECONDS: Final = 0.5
# Processor time for all pages, and the clock's limit should the machine be overloaded or the process stopped.
PDF_TOTAL_CPU_SECONDS: Final = 20
PDF_WALL_SECONDS: Final = 60
# Address space of the PDF process beyond its start and the input.
PDF_MEMORY_BYTES: Final = 64 * MIB
