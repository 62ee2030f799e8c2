"""One module per file format: bytes in, lines of text out (读取器).

``knowledge.corpus.reader`` decides the format by content and imports the module it needs, so that a folder of plain
text never loads a parser. No module here opens a path, follows a link or unpacks to disk.
"""
